package import Contracts
package import CoreMetrics
package import Logging
package import Storage

/// What a running service lends to its HTTP application and its background work.
package struct ServiceResources: Sendable {
  package let profile: ServiceProfile
  package let settings: Settings
  package let store: Store
  /// The other services, for calls.
  package let clients: ServiceClients
  package let now: @Sendable () -> Timestamp
  package let logger: Logger
  package let metrics: any MetricsFactory
}
