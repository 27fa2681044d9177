package import Contracts
package import Messaging
import Records
package import ServiceRuntime

/// The other services, as the routes call them: JSON in, JSON out.
package struct ServiceCalls: Sendable {
  package typealias Call =
    @Sendable (ServiceProfile, MethodName, JSONValue, CallSettings, _ isCommand: Bool) async throws -> CallReply<
      [UInt8]
    >
  /// What one instance of a service says of itself.
  package typealias Status = @Sendable (ServiceProfile, _ instance: Int, CallSettings) async throws -> ServiceStatus

  private let call: Call
  private let status: Status
  private let count: @Sendable (ServiceProfile) -> Int

  /// - Parameter count: how many instances of a service there are.
  package init(
    calling call: @escaping Call,
    asking status: @escaping Status,
    count: @escaping @Sendable (ServiceProfile) -> Int
  ) {
    self.call = call
    self.status = status
    self.count = count
  }

  /// How long a page waits for a service.
  static let timeout = Duration.seconds(10)

  func forward(
    _ message: JSONValue,
    to method: MethodName,
    of service: ServiceProfile,
    isCommand: Bool,
    _ request: RouteCall,
    timeout: Duration = timeout
  ) async throws -> RouteReply {
    var settings = CallSettings(timeout: timeout)
    settings.principal = request.principal
    settings.trace = request.trace
    settings.after = request.after.filter { follows($0, service) }
    // Whoever asks hears at once that nobody is there, and may repeat it under the same key.
    settings.retries = false
    if isCommand { settings.requestID = request.requestID }
    do {
      let reply = try await call(service, method, message, settings, isCommand)
      return RouteReply(body: reply.output, positions: reply.positions)
    } catch let fault as Fault where fault.code == .unavailable {
      throw Fault(
        .unavailable,
        reason: "serviceUnavailable",
        """
        The service \(service.name) doesn't answer at the moment (\(fault.message)); the others do. \
        \(isCommand ? "Send the request again with the same Idempotency-Key." : "Ask again in a moment.")
        """
      )
    } catch let fault as Fault where fault.code == .deadlineExceeded && isCommand {
      throw Fault(
        .deadlineExceeded,
        reason: fault.reason,
        "\(service.name) didn't answer in time, and may have done it all the same: send the request again with the "
          + "same Idempotency-Key."
      )
    }
  }

  /// Whether a service can ever come to that position: only of streams that it writes or follows. A browser sends the
  /// positions of all that it changed, and a service that hears nothing of them would wait in vain.
  private func follows(_ position: String, _ service: ServiceProfile) -> Bool {
    // What can't be read is passed on, so that the service says what is wrong with it.
    guard let stream = StreamPosition(position)?.identity.stream else { return true }
    let consumer = AllowList.Consumer(rawValue: service.name)
    return service.streams.contains(stream) || consumer.map { AllowList.permits($0, toRead: stream) } ?? false
  }

  /// The numbers of a service's instances.
  func instances(of service: ServiceProfile) -> Range<Int> { 0..<count(service) }

  /// How one instance of a service is doing.
  func status(
    of service: ServiceProfile,
    instance: Int,
    _ request: RouteCall,
    timeout: Duration
  ) async throws -> ServiceStatus {
    var settings = CallSettings(timeout: timeout)
    settings.principal = request.principal
    settings.retries = false
    return try await status(service, instance, settings)
  }
}
