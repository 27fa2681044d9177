package import Contracts
package import Messaging
import Records
package import ServiceRuntime

/// The other services, as the routes call them: JSON in, JSON out.
package struct ServiceCalls: Sendable {
  package typealias Call =
    @Sendable (ServiceProfile, MethodName, [UInt8], CallSettings, _ isCommand: Bool) async throws -> CallReply<[UInt8]>

  private let call: Call

  package init(_ call: @escaping Call) {
    self.call = call
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
      let reply = try await call(service, method, MessageCoding.encode(message), settings, isCommand)
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

  /// A question asked with types.
  func ask<Input, Output>(
    _ method: Query<Input, Output>,
    _ input: Input,
    of service: ServiceProfile,
    _ request: RouteCall,
    timeout: Duration = timeout
  ) async throws -> Output {
    var settings = CallSettings(timeout: timeout)
    settings.principal = request.principal
    settings.retries = false
    let reply = try await call(service, method.name, MessageCoding.encode(input), settings, false)
    return try MessageCoding.decode(Output.self, from: reply.output)
  }
}
