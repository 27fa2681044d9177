/// The other services, for calls.
package struct ServiceClients: Sendable {
}
