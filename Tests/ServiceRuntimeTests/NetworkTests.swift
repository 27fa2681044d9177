import Contracts
import GRDB
import Logging
import Messaging
import ServiceRuntime
import Storage
import Synchronization
import TestSupport
import Testing

/// Two services over real sockets.
@Suite struct NetworkTests {
  /// Waits for a connection: sockets find each other in their own time.
  private var patient: CallSettings {
    var settings = CallSettings.inCurrentTrace(timeout: .seconds(20))
    settings.waitsForReady = true
    return settings
  }

  @Test func servicesMeetOverZeroMQ() async throws {
    try await withTemporaryDirectory { directory in
      func endpoint(_ name: String) -> String { "ipc://\(directory.path(of: name))" }
      let meeting = [
        "--upstream", "ingestion=\(endpoint("notary.events"))", "--peer", "ingestion=\(endpoint("notary.calls"))",
      ]
      let follower = try await SocketService(
        reader(),
        directory,
        publish: endpoint("reader.events"),
        answer: endpoint("reader.calls"),
        meeting
      )
      let publisher = try await SocketService(
        notary(),
        directory,
        publish: endpoint("notary.events"),
        answer: endpoint("notary.calls")
      )
      let writer = try follower.assembly.clients[.ingestion]
      for number in 1...50 {
        _ = try await writer.call(NotesAPI.take, TakeNote(key: "\(number)", text: "x"), patient)
      }
      try await waitUntil("the reader has all notes") {
        try await follower.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM notes") } == 50
      }
      try await publisher.stop()
      try await follower.stop()
    }
  }

  @Test func aProgramThatIsNoServiceCallsThemAll() async throws {
    try await withTemporaryDirectory { directory in
      func endpoint(_ name: String) -> String { "ipc://\(directory.path(of: name))" }
      let service = try await SocketService(notary(), directory, publish: endpoint("e"), answer: endpoint("c"))
      let addresses = PeerAddresses(
        upstream: [try PeerEndpoint.parse("ingestion=\(endpoint("e"))")],
        peer: [try PeerEndpoint.parse("ingestion=\(endpoint("c"))")]
      )
      let count = try await withServiceClients(at: addresses, as: Principal(role: .ops, name: "tester")) { clients in
        _ = try await clients[.ingestion].call(NotesAPI.take, TakeNote(key: "a", text: "x"), patient)
        return try await clients[.ingestion].call(NotesAPI.count, Question()).number
      }
      #expect(count == 1)
      try await service.stop()
    }
  }

  @Test func aStopOverZeroMQFinishesWhatWasAccepted() async throws {
    try await withTemporaryDirectory { directory in
      func endpoint(_ name: String) -> String { "ipc://\(directory.path(of: name))" }
      let door = Door()
      let caller = try await SocketService(
        reader(),
        directory,
        publish: endpoint("reader.events"),
        answer: endpoint("reader.calls"),
        ["--upstream", "ingestion=\(endpoint("e"))", "--peer", "ingestion=\(endpoint("c"))"]
      )
      let service = try await SocketService(
        notary(door: door),
        directory,
        publish: endpoint("e"),
        answer: endpoint("c")
      )
      let client = try caller.assembly.clients[.ingestion]
      _ = try await client.call(NotesAPI.count, Question(), patient)
      var once = CallSettings()
      once.retries = false
      let question = once
      async let answer = client.call(NotesAPI.wait, Question(), question)
      try await waitUntil("the call is being handled") { door.arrivals.withLock { $0 } == 1 }
      async let stopped: Void = service.stop()
      try await waitUntil("the service is stopping") { service.assembly.state.phase == .stopping }
      door.open()
      #expect(try await answer.number == 1)
      try await stopped
      try await caller.stop()
    }
  }

  @Test func peersAreFoundFromEitherSide() async throws {
    func addresses(_ arguments: [String]) async throws -> [PeerAddresses.Address] {
      let settings = try await Settings.load(for: .gateway, arguments: [""] + arguments, environment: [:])
      return try PeerAddresses(settings).instances(of: .ranking)
    }
    #expect(
      try await addresses([]) == [.init(publish: "tcp://127.0.0.1:7420", answer: "tcp://127.0.0.1:7421")]
    )
    #expect(
      try await addresses(["--upstream", "ranking=tcp://10.0.0.7:9000"])
        == [.init(publish: "tcp://10.0.0.7:9000", answer: "tcp://10.0.0.7:9001")]
    )
    #expect(
      try await addresses(["--peer", "ranking=tcp://a:9001,ranking=tcp://b:9001"])
        == [
          .init(publish: "tcp://a:9000", answer: "tcp://a:9001"),
          .init(publish: "tcp://b:9000", answer: "tcp://b:9001"),
        ]
    )
    await #expect(throws: ConfigurationError.self) {
      try await addresses(["--upstream", "ranking=ipc:///run/ranking"])
    }
    await #expect(throws: ConfigurationError.self) {
      try await addresses(["--upstream", "ranking=tcp://a:1", "--peer", "ranking=tcp://a:2,ranking=tcp://b:2"])
    }
  }
}

/// A service on its own sockets, in the test's process.
private struct SocketService {
  let assembly: ServiceAssembly
  let task: Task<Void, any Error>

  init(
    _ definition: ServiceDefinition,
    _ directory: TemporaryDirectory,
    publish: String,
    answer: String,
    _ arguments: [String] = []
  ) async throws {
    let flags = [
      "test", "--data", directory.path, "--admin", "127.0.0.1:0", "--publish", publish, "--answer", answer,
    ]
    let profile = definition.profile
    let settings = try await Settings.load(
      for: profile,
      arguments: flags + (profile.httpPort == nil ? [] : ["--http", "127.0.0.1:0"]) + arguments,
      environment: [:]
    )
    let assembly = try await ServiceAssembly.open(
      definition,
      settings: settings,
      network: await ZeroMQNetwork(profile, settings),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    self.assembly = assembly
    task = Task { try await assembly.run() }
    await assembly.state.wait(until: .serving)
    if assembly.state.phase != .serving { try await task.value }
  }

  var store: Store { assembly.store }

  func stop() async throws {
    assembly.state.stop()
    try await task.value
  }
}
