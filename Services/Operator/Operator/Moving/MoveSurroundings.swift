package import Messaging
package import ServiceRuntime

/// What a move needs of the world around it: instances that answer, and time. A simulation has its own.
package protocol MoveSurroundings: Sendable {
  /// How many instances of a service are known.
  func count(of service: ServiceProfile) -> Int

  /// Calls an instance.
  /// - Parameter work: makes the call; it may be made more than once, as each step of a move may be repeated.
  func call<Value: Sendable>(
    _ member: ServiceMember,
    _ work: @escaping @Sendable (CallClient) async throws -> Value
  ) async throws -> Value

  /// Waits a moment before something is asked for once more.
  func pause() async throws

  /// The time since the move began.
  var elapsed: Duration { get }
}

/// A move of the command line's, over its connection.
struct ConnectedMove: MoveSurroundings {
  private let connection: Connection
  private let start = ContinuousClock.now

  init(over connection: Connection) {
    self.connection = connection
  }

  func count(of service: ServiceProfile) -> Int { connection.count(of: service) }

  func call<Value: Sendable>(
    _ member: ServiceMember,
    _ work: @escaping @Sendable (CallClient) async throws -> Value
  ) async throws -> Value {
    try await work(try connection.client(of: member))
  }

  func pause() async throws {
    try await Task.sleep(for: .milliseconds(200))
  }

  var elapsed: Duration { ContinuousClock.now - start }
}
