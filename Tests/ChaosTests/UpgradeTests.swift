import Contracts
import Foundation
import GRDB
import Gateway
import Ingestion
import LoopClosure
import ServiceRuntime
import Storage
import TestSupport
import Testing

extension ChaosTests {
  /// Versions that meet: stores of a newer and an older one, and events of a newer one.
  @Suite struct UpgradeTests {
    @Test(.timeLimit(.minutes(3))) func aStoreOfANewerVersionIsRefusedAndLeftAlone() async throws {
      try await ChaosRun.with { run in
        for service in Cluster.services {
          #expect(run.cluster.stop(service) == 0)
          let step = "\(service).99"
          try change(service, run, "INSERT INTO grdb_migrations (identifier) VALUES ('\(step)')")
          let before = try contents(of: service, run)
          let start = try await run.cluster.attempt(service)
          #expect(start.status == 76, "\(service): \(start.status) \(start.errors)")
          #expect(start.errors.contains(step) && start.errors.contains("run that version"), "\(start.errors)")
          #expect(try contents(of: service, run) == before)
          // The newer version is back.
          try change(service, run, "DELETE FROM grdb_migrations WHERE identifier = '\(step)'")
          try run.cluster.start(service)
        }
        try await run.cluster.waitUntilReady()
        try await run.source.acknowledgements(50)
      }
    }

    /// As the version before `storage.2` left them.
    @Test(.timeLimit(.minutes(3))) func storesOfAnOlderVersionAreBroughtUpToDate() async throws {
      try await ChaosRun.with { run in
        for service in Cluster.services {
          #expect(run.cluster.stop(service) == 0)
          try change(
            service,
            run,
            "DROP TABLE followers; DROP TABLE trims; DELETE FROM grdb_migrations WHERE identifier = 'storage.2'"
          )
        }
        // One at a time, as hosts are upgraded.
        for service in Cluster.services.reversed() { try run.cluster.start(service) }
        try await run.cluster.waitUntilReady()
        try await run.source.acknowledgements(50)
        for service in Cluster.services {
          let steps = try await store(of: service, run).read {
            try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations")
          }
          #expect(steps.contains("storage.2"), "\(service)")
        }
      }
    }

    /// New fields, new values of enumerations and new types go through those that don't know them, and come out whole.
    @Test(.timeLimit(.minutes(3))) func eventsOfANewerVersionGoThroughOlderServices() async throws {
      try await ChaosRun.with(extra: ["newer"]) { run in
        try await write(NewerEvents.feedback, as: Ingestion.definition, run)
        try await write(NewerEvents.directory, as: Gateway.definition, run)
        try await write(NewerEvents.ideas, as: LoopClosure.definition, run)
        try await run.cluster.waitUntilReady()
        for (follower, stream) in [
          ("ranking", StreamName.ingestion), ("loop-closure", .ingestion), ("gateway", .ingestion),
          ("loop-closure", .scores), ("ingestion", .directory), ("ranking", .directory), ("goal-setting", .directory),
          ("loop-closure", .directory), ("ranking", .loopClosure), ("goal-setting", .loopClosure),
        ] {
          try await run.waitUntil(follower, hasApplied: stream)
          try await run.waitUntil(follower, isLive: true, on: stream)
        }
        for (service, status) in try await run.statuses() { #expect(status.deadLetters == 0, "\(service)") }

        // As it was written, to whoever follows.
        let tap = try await run.cluster.run("tap", "ingestion", "--once")
        let line = tap.text.split(separator: "\n").first { $0.contains("hologram") } ?? ""
        for word in ["\"mood\":\"hopeful\"", "clairvoyance", "\"schemaversion\":2", "\"weather\""] {
          #expect(line.contains(word), "\(word) in \(line)")
        }
        #expect(tap.text.contains("feedback.translated"))
        // As the older version knows it, with the words it doesn't know.
        let (page, status) = try await run.get("programmes/northwind/feedback?channel=hologram")
        #expect(status == 200 && page.contains("hologram") && page.contains("clairvoyance"), "\(page)")
        let teams = try await run.cluster.run("teams", "--programme", "northwind", "--json")
        #expect(teams.status == 0, "\(teams.errors)")
      }
    }

    private func write(
      _ body: @escaping @Sendable (Transaction) throws -> Void,
      as definition: ServiceDefinition,
      _ run: ChaosRun
    ) async throws {
      #expect(run.cluster.stop(definition.profile.name) == 0)
      try await NewerVersion(definition: definition, data: run.cluster.data).write(body)
      try run.cluster.start(definition.profile.name)
    }

    // MARK: Stores of services that don't run

    private func store(of service: String, _ run: ChaosRun) throws -> DatabaseQueue {
      try DatabaseQueue(path: run.cluster.data.appending(component: "\(service).sqlite").path)
    }

    private func change(_ service: String, _ run: ChaosRun, _ sql: String) throws {
      let queue = try store(of: service, run)
      try queue.write { try $0.execute(sql: sql) }
      try queue.close()
    }

    /// All that the store's tables hold; its bytes change with every opening.
    private func contents(of service: String, _ run: ChaosRun) throws -> String {
      let text = Text()
      let queue = try store(of: service, run)
      try queue.dumpContent(to: text)
      try queue.close()
      return text.content
    }

    private final class Text: TextOutputStream {
      var content = ""
      func write(_ string: String) { content += string }
    }
  }
}

/// What a later version might write.
private enum NewerEvents {
  private static let programme = ID<Programme>("northwind")
  private static let time = Timestamp(milliseconds: 1_700_000_000_000)
  private static let record = Feedback(
    id: ID("newer-feedback"),
    programme: programme,
    source: FeedbackSource.name,
    sourceRecordID: "newer",
    channel: .unknown("hologram"),
    occurredAt: time,
    receivedAt: time,
    language: "en",
    text: "My parcel never arrived and nobody told me why",
    signals: [.known(.complaint), .unknown("clairvoyance")],
    urgency: 0.5,
    sentiment: -0.5,
    redaction: Redaction(method: "none", countsByKind: [:]),
    rawHash: String(repeating: "0", count: 64),
    revision: 1
  )

  @Sendable static func feedback(_ transaction: Transaction) throws {
    let event = FeedbackRecorded(feedback: record)
    let additions: [String: JSONValue] = ["feedback": ["mood": "hopeful"], "weather": ["sky": "grey", "degrees": 7]]
    try transaction.append(event, with: additions)
    let body = try JSONEncoder().encode(NewerVersion.merged(JSONValue(encoding: event), additions))
    let position = try transaction.lastPosition(of: .ingestion)
    try transaction.database.execute(
      sql: """
        INSERT INTO feedback (id, programme, channel, revision, position, body) VALUES (?, ?, 'hologram', 1, ?, ?)
        """,
      arguments: [record.id.rawValue, programme.rawValue, Int64(position), body]
    )
    try transaction.appendNewer(
      EventType("feedback.translated"),
      to: .ingestion,
      programme: programme,
      key: record.id.rawValue,
      ["id": .string(record.id.rawValue), "language": "pl"]
    )
    let score = ScoreObserved(
      feedback: record.id,
      programme: programme,
      channel: .unknown("hologram"),
      occurredAt: time,
      score: Score(kind: .unknown("emoji"), value: 3, minimum: 1, maximum: 5)
    )
    try transaction.append(score, with: ["score": ["emoji": "frown"]])
  }

  @Sendable static func directory(_ transaction: Transaction) throws {
    let team = Team(id: ID("porto"), programme: programme, name: "Porto", people: 7, fullTimeEquivalents: 6)
    try transaction.append(TeamSet(team: team), with: ["team": ["floor": 3, "hours": ["from": "08:00"]]])
    try transaction.appendNewer(
      EventType("directory.regionSet"),
      to: .directory,
      programme: programme,
      key: "iberia",
      ["region": ["id": "iberia"]]
    )
  }

  @Sendable static func ideas(_ transaction: Transaction) throws {
    let idea = Idea(
      id: ID("newer-idea"),
      programme: programme,
      authorName: "Ana",
      title: "Tell customers before they ask",
      text: "Send a message as soon as a parcel is late",
      evidence: [record.id],
      state: .known(.submitted),
      novelty: 1,
      canonical: ID("newer-idea"),
      needsMergeDecision: false,
      supporters: ["Ana"],
      submittedAt: time,
      coreComponents: [],
      nearGraves: []
    )
    try transaction.append(IdeaSubmitted(idea: idea), with: ["idea": ["moodBoard": ["red", "green"]]])
    var advanced = idea
    advanced.state = .unknown("incubated")
    try transaction.append(IdeaAdvanced(idea: advanced, from: .known(.submitted), by: "Ana"), with: ["lab": "north"])
    try transaction.appendNewer(
      EventType("idea.auctioned"),
      to: .loopClosure,
      programme: programme,
      key: "newer-idea",
      ["idea": "newer-idea", "bids": 3]
    )
  }
}
