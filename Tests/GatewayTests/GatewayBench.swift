import Contracts
import Foundation
import FoundationNetworking
import Hummingbird
import Logging
import Messaging
import ServiceRuntime
import Storage
import Synchronization
import TestSupport

@testable import Gateway

/// The gateway's HTTP application on a port of its own, with services that say what a test tells them to.
struct GatewayBench {
  let store: Store
  let calls: Calls
  let hub: EventHub
  let port: Int

  /// What was asked of the other services.
  final class Calls: Sendable {
    struct Asked: Sendable {
      let service: ServiceProfile
      /// Where one was asked that doesn't follow from the programme.
      var instance: Int?
      let method: MethodName
      let message: JSONValue
      let settings: CallSettings
      let isCommand: Bool
    }
    typealias Answer = @Sendable (Asked) throws -> CallReply<[UInt8]>

    private struct State {
      var asked: [Asked] = []
      var answer: Answer = { _ in throw Calls.nobody }
      var counts: [ServiceProfile: Int] = [:]
    }

    private let state = Mutex(State())
    static let nobody = Fault(.unavailable, reason: "unavailable", "nobody answers")

    var asked: [Asked] { state.withLock { $0.asked } }

    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    /// How many instances a service has; one where nothing is said.
    func set(_ count: Int, instancesOf service: ServiceProfile) { state.withLock { $0.counts[service] = count } }

    private func reply(to asked: Asked) throws -> CallReply<[UInt8]> {
      let answer = state.withLock { state in
        state.asked.append(asked)
        return state.answer
      }
      return try answer(asked)
    }

    var services: ServiceCalls {
      ServiceCalls { [self] service, method, message, settings, isCommand in
        try reply(
          to: Asked(service: service, method: method, message: message, settings: settings, isCommand: isCommand)
        )
      } asking: { [self] service, instance, settings in
        let asked = Asked(
          service: service,
          instance: instance,
          method: OperationsAPI.status.name,
          message: [:],
          settings: settings,
          isCommand: false
        )
        return try MessageCoding.decode(ServiceStatus.self, from: reply(to: asked).output)
      } count: { [self] service in
        state.withLock { $0.counts[service] ?? 1 }
      }
    }
  }

  static func run(clock: ManualClock = ManualClock(), _ body: @Sendable (GatewayBench) async throws -> Void)
    async throws
  {
    try await withTemporaryStore(streams: [.directory], migrations: GatewaySchema.migrations, clock: clock) { store in
      let calls = Calls()
      let hub = EventHub()
      let own = OwnRoutes(store: store, services: calls.services, now: { clock.now })
      let router = try Gateway.router(try RouteTable.routes(calls.services, own), hub)
      let (ports, opened) = AsyncStream.makeStream(of: Int.self)
      var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      logger.logLevel = .critical
      let application = Application(
        router: router,
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { opened.yield($0.localAddress?.port ?? 0) },
        logger: logger
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        try await body(GatewayBench(store: store, calls: calls, hub: hub, port: port))
        group.cancelAll()
        do { try await group.waitForAll() } catch is CancellationError {}
      }
    }
  }

  func send(
    _ verb: String,
    _ path: String,
    _ body: String? = nil,
    _ headers: [String: String] = [:]
  ) async throws -> HTTPAnswer {
    try await HTTPAnswer.of(verb, "http://127.0.0.1:\(port)\(path)", body, headers)
  }
}

/// What came back from a server.
struct HTTPAnswer {
  let status: Int
  let body: [UInt8]
  /// Names in lower case.
  let headers: [String: String]

  var json: JSONValue { get throws { try MessageCoding.decode(JSONValue.self, from: body) } }
  var text: String { String(decoding: body, as: UTF8.self) }

  static func of(
    _ verb: String,
    _ address: String,
    _ body: String?,
    _ headers: [String: String]
  ) async throws -> HTTPAnswer {
    guard let url = URL(string: address) else { throw URLError(.badURL) }
    var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData)
    request.httpMethod = verb
    if let body {
      request.httpBody = Data(body.utf8)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    var fields: [String: String] = [:]
    for (name, value) in response.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
    return HTTPAnswer(status: response.statusCode, body: Array(data), headers: fields)
  }
}
