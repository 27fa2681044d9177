import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// The command line's way to the services: which one answers a method, on whose behalf, and what was written so far.
final class Connection: Sendable {
  private let clients: ServiceClients
  private let options: ConnectionOptions
  private let isPatient: Bool
  private let written: WrittenPositions

  private init(
    clients: ServiceClients,
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
    var instances: [String: [CallClient]] = [:]
    for service in ServiceProfile.all {
      instances[service.name] = try network.instances(of: service).map { instance in
        try network.client(of: service, instance: instance, as: options.principal)
      }
    }
    let clients = ServiceClients(instances)
    let result: Result<Value, any Error>
    do {
      result = .success(
        try await withThrowingTaskGroup { group in
          for (_, client) in clients.named { group.addTask { try await client.run() } }
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

  /// The service that answers `method`.
  private func owner<Input, Output>(of method: some Method<Input, Output>) throws(Fault) -> ServiceProfile {
    let owners = [
      "ingestion.v1": ServiceProfile.ingestion, "ranking.v1": .ranking, "goalsetting.v1": .goalSetting,
      "loopclosure.v1": .loopClosure, "directory.v1": .gateway,
    ]
    guard let owner = owners[method.name.service] else {
      throw Fault(.unimplemented, reason: "unknownService", "No service answers \(method.name).")
    }
    return owner
  }

  /// How many instances of a service are known here.
  func count(of service: ServiceProfile) -> Int { clients.count(of: service) }

  func client(of service: ServiceProfile, instance: Int = 0) throws(Fault) -> CallClient {
    try clients[service, instance: instance]
  }

  /// Calls the instance that answers `method` for a programme.
  func routed<Input, Output, Value: Sendable>(
    _ method: some Method<Input, Output>,
    about programme: () -> ID<Programme>?,
    anyWillDo: Bool = false,
    _ call: (RoutedClient) async throws -> Value
  ) async throws -> Value {
    try await clients.routed(to: owner(of: method), about: programme, anyWillDo: anyWillDo, call)
  }

  /// Asks, and sees all that this connection has written.
  func ask<Input, Output>(_ method: Query<Input, Output>, _ input: Input) async throws -> Output {
    let settings = callSettings()
    return try await routed(method, about: { ProgrammeNames(in: input).all?.min() }) { routed in
      try await routed.client.call(method, input, routed.settings(settings))
    }
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
    // Every try has one id, so that it is done once wherever it comes to.
    settings.requestID = settings.requestID ?? ID(UUID().uuidString.lowercased())
    let request = settings
    let isIntake = method.name == IngestionAPI.publish.name
    let reply = try await routed(
      method,
      about: { ProgrammeNames(in: input).all?.min() },
      anyWillDo: isIntake
    ) { routed in
      try await routed.client.reply(to: method, input, routed.settings(request))
    }
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
