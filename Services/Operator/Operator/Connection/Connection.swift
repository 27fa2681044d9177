import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// The command line's way to the services: which one answers a method, on whose behalf, and what was written so far.
final class Connection: Sendable {
  private let clients: [String: CallClient]
  private let options: ConnectionOptions
  private let isPatient: Bool
  private let written: WrittenPositions

  private init(
    clients: [String: CallClient],
    options: ConnectionOptions,
    isPatient: Bool = false,
    written: WrittenPositions = WrittenPositions()
  ) {
    self.clients = clients
    self.options = options
    self.isPatient = isPatient
    self.written = written
  }

  /// The same connection for work that outlasts a service's restart: calls wait for a service that isn't there.
  var patient: Connection {
    Connection(clients: clients, options: options, isPatient: true, written: written)
  }

  /// Runs `work` with a connection to every service; connecting itself never fails, a call to an absent one does.
  static func open<Value: Sendable>(
    settings: Settings,
    options: ConnectionOptions,
    _ work: (Connection) async throws -> Value
  ) async throws -> Value {
    let network = try await ZeroMQNetwork(.operator, settings)
    var clients: [String: CallClient] = [:]
    for service in ServiceProfile.all {
      clients[service.name] = try network.client(of: service, instance: 0, as: options.principal)
    }
    let result: Result<Value, any Error>
    do {
      result = .success(
        try await withThrowingTaskGroup { group in
          for client in clients.values { group.addTask { try await client.run() } }
          let value = try await work(Connection(clients: clients, options: options))
          group.cancelAll()
          return value
        }
      )
    } catch {
      result = .failure(error)
    }
    await network.close()
    return try result.get()
  }

  /// The client of the service that answers `method`.
  func client<Input, Output>(for method: some Method<Input, Output>) throws -> CallClient {
    let owners = [
      "ingestion.v1": ServiceProfile.ingestion, "ranking.v1": .ranking, "goalsetting.v1": .goalSetting,
      "loopclosure.v1": .loopClosure, "directory.v1": .gateway,
    ]
    guard let owner = owners[method.name.service], let client = clients[owner.name] else {
      throw Fault(.unimplemented, reason: "unknownService", "No service answers \(method.name).")
    }
    return client
  }

  func client(of service: ServiceProfile) throws -> CallClient {
    guard let client = clients[service.name] else {
      throw Fault(.unavailable, reason: "unknownService", "There is no client for \(service.name).")
    }
    return client
  }

  /// Asks, and sees all that this connection has written.
  func ask<Input, Output>(_ method: Query<Input, Output>, _ input: Input) async throws -> Output {
    try await client(for: method).call(method, input, callSettings())
  }

  /// Changes something; a repeat under the same `--request-id` changes nothing more.
  /// - Parameter part: counts the calls of a command line that makes several.
  func tell<Input, Output>(
    _ method: Command<Input, Output>,
    _ input: Input,
    part: Int? = nil
  ) async throws -> Output {
    var settings = callSettings()
    settings.requestID = options.requestID.map { id in ID(part.map { "\(id)-\($0)" } ?? id) }
    let reply = try await client(for: method).reply(to: method, input, settings)
    written.add(reply.positions)
    return reply.output
  }

  /// Settings of a call that comes after all that this connection has written.
  func callSettings(timeout: Duration? = nil) -> CallSettings {
    var settings = CallSettings(timeout: timeout ?? .seconds(options.timeout))
    settings.after = written.all
    settings.waitsForReady = isPatient
    return settings
  }

  /// The programme that was named, or the only one there is.
  func programme() async throws -> ID<Programme> {
    if let named = options.programme { return ID(named) }
    let programmes = try await ask(DirectoryAPI.directory, DirectoryRequest()).programmes
    if let only = programmes.first, programmes.count == 1 { return only.id }
    let names = programmes.map(\.id.rawValue).joined(separator: ", ")
    throw Fault(
      .invalidArgument,
      reason: "programmeNeeded",
      programmes.isEmpty
        ? "There is no programme yet; create one with groundswell programmes set ID."
        : "There are several programmes (\(names)); say which with --programme."
    )
  }

  static func now() -> Timestamp {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }
}
