import Contracts
import Messaging
import ServiceRuntime

/// Whether the services answer.
struct Readiness: Sendable {
  private let connection: Connection

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// What a service's instance says of itself; nil where nobody answers at its address.
  func status(of service: ServiceProfile, instance: Int = 0) async -> ServiceStatus? {
    var settings = CallSettings(timeout: .seconds(2))
    settings.retries = false
    do {
      return try await connection.client(of: service, instance: instance)
        .call(OperationsAPI.status, StatusRequest(), settings)
    } catch {
      return nil
    }
  }
}
