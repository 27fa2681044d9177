import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@testable import Ingestion

@Suite("Taking events in")
struct IntakeStoreTests {
  private let score: JSONValue = .object(["kind": "NPS", "value": 9, "minimum": 0, "maximum": 10])

  @Test("words and scores go to streams of their own, with the state, in one transaction")
  func accepted() async throws {
    try await withIntake { intake in
      let results = try await intake.takeEach([
        feedback("1", "Mail me at a@b.de", ["scores": .array([score, score]), "customer": "c-77", "team": "t"]),
        event(
          "2",
          [
            "programme": "p", "experiment": "x", "arm": "control", "metric": "m", "unit": "u",
            "happened": .bool(true),
          ],
          type: .observation
        ),
        event("3", ["programme": "p", "channel": "call", "day": "2026-11-20", "count": 5], type: .interactions),
      ])
      #expect(results.map(\.outcome) == [.known(.accepted), .known(.accepted), .known(.accepted)])
      #expect(results.map(\.position) == [1, 1, 2])
      let words = try await intake.records(.ingestion)
      #expect(words.map(\.type) == [FeedbackRecorded.type])
      let recorded = try #require(words.first).decode(FeedbackRecorded.self).feedback
      #expect(recorded.id == results[0].feedback)
      #expect(recorded.id.rawValue.utf8.count == 32)
      #expect(recorded.text == "Mail me at [email]")
      #expect(recorded.customer == IntakeFixture.key.customer("c-77", programme: "p"))
      #expect(words.first?.key == recorded.id.rawValue)
      #expect(!String(decoding: words[0].body, as: UTF8.self).contains("c-77"))
      #expect(!String(decoding: words[0].body, as: UTF8.self).contains("NPS"))
      let scores = try await intake.records(.scores)
      #expect(scores.map(\.type) == [ScoreObserved.type, ScoreObserved.type])
      #expect(
        try await intake.records(.observations).map(\.type) == [ObservationRecorded.type, InteractionsCounted.type]
      )
      #expect(try await intake.count("feedback") == 1)
      #expect(try await intake.count("raw_payload") == 1)
    }
  }

  @Test("the same events again change nothing and get the first positions")
  func idempotent() async throws {
    try await withIntake { intake in
      let events =
        (1...40).map { feedback("\($0)") } + [
          event("o", ["programme": "p", "channel": "call", "day": "2026-11-20", "count": 5], type: .interactions)
        ]
      let first = try await intake.takeEach(events)
      let before = try await intake.state()
      intake.clock.advance(by: .hours(1))
      let again = try await intake.takeEach(events.reversed())
      #expect(again.allSatisfy { $0.outcome == .duplicate })
      #expect(again.map(\.position) == first.reversed().map(\.position))
      #expect(try await intake.state() == before)
      #expect(try await intake.records(.ingestion).count == 40)
      // Within one batch too.
      let twice = try await intake.takeEach([feedback("new"), feedback("new")])
      #expect(twice.map(\.outcome) == [.known(.accepted), .known(.duplicate)])
      #expect(twice[0].position == twice[1].position)
    }
  }

  @Test("one bad event leaves nothing of a publication", arguments: [0, 5, 9])
  func allOrNothing(_ bad: Int) async throws {
    try await withIntake { intake in
      try await intake.takeAll([feedback("known")])
      let before = try await intake.state()
      for wrong in [
        feedback("bad", "x", ["programme": "nowhere"]), feedback("bad", "x", ["team": "nobody"]), feedback("bad", ""),
        event("bad", ["programme": "p", "sourceRecordID": "never sent"], type: .withdrawal),
        feedback("known", "x", ["programme": "q"]), "not an event",
      ] {
        var events = (0..<10).map { feedback("\($0)", "words", ["scores": .array([score])]) }
        events[bad] = wrong
        await #expect(throws: RefusedBatch.self) { try await intake.takeAll(events) }
        #expect(try await intake.state() == before)
        #expect(try await intake.records(.ingestion).count == 1)
        #expect(try await intake.records(.scores).isEmpty)
      }
    }
  }

  @Test("every refused event of a batch is named")
  func allRefusals() async throws {
    try await withIntake { intake in
      do {
        try await intake.takeAll([feedback("1"), feedback("2", ""), "x", feedback("4", "x", ["team": "nobody"])])
        Issue.record("the batch was taken")
      } catch let refused as RefusedBatch {
        #expect(refused.refusals.map(\.index) == [1, 2, 3])
        #expect(refused.refusals.map(\.refusal.fault.reason) == ["nothingSaid", "notAnObject", "unknownTeam"])
        #expect(refused.refusals.map(\.refusal.kind) == [.unacceptable, .malformed, .unacceptable])
      }
    }
  }

  @Test("each on its own: the good are taken, the bad say why")
  func eachAlone() async throws {
    try await withIntake { intake in
      let results = try await intake.takeEach([
        feedback("1"), feedback("2", ""), feedback("3"), feedback("4", "x", ["programme": "nowhere"]), feedback("1"),
      ])
      #expect(
        results.map(\.outcome) == [
          .known(.accepted), .known(.rejected), .known(.accepted), .known(.rejected), .known(.duplicate),
        ]
      )
      #expect(results.compactMap(\.fault?.reason) == ["nothingSaid", "unknownProgramme"])
      #expect(results[3].fault?.code == .notFound)
      #expect(try await intake.count("feedback") == 2)
    }
  }

  @Test("a higher revision replaces, an equal or lower one is a repeat")
  func revisions() async throws {
    try await withIntake { intake in
      func send(_ text: String, _ revision: Int64) async throws -> IntakeResult {
        try await intake.takeEach([feedback("1", text, ["revision": .integer(revision)])])[0]
      }
      #expect(try await send("one", 1).position == 1)
      #expect(try await send("three", 3).position == 2)
      let late = try await send("two", 2)
      #expect(late.outcome == .duplicate)
      #expect(late.position == 1)
      let records = try await intake.records(.ingestion)
      #expect(records.map(\.type) == [FeedbackRecorded.type, FeedbackRevised.type])
      let page = try await intake.store.read {
        try FeedbackQueries(database: $0).page(FeedbackRequest(programme: "p"))
      }
      #expect(page.feedback.map(\.text) == ["three"])
      #expect(try await intake.count("raw_payload") == 2)
      #expect(try await intake.count("feedback") == 1)
    }
  }

  @Test("random streams of events leave the same state as each event once", arguments: Seeds.fresh(5))
  func anyOrder(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let events = (0..<60).map { number in
      feedback("\(number % 20)", "text \(number)", ["revision": .integer(Int64(number / 20 + 1))])
    }
    var repeated = events + events.filter { _ in random.happens(0.5) }
    repeated.shuffle(using: &random)
    try await withIntake { intake in
      var rest = repeated[...]
      while !rest.isEmpty {
        let size = Int.random(in: 1...17, using: &random)
        try await intake.takeEach(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      let page = try await intake.store.read {
        try FeedbackQueries(database: $0).page(FeedbackRequest(programme: "p", limit: 100))
      }
      #expect(page.feedback.count == 20)
      #expect(page.feedback.allSatisfy { $0.revision == 3 })
      #expect(Set(page.feedback.map(\.text)) == Set((40..<60).map { "text \($0)" }))
      let recorded = try await intake.records(.ingestion).filter { $0.type == FeedbackRecorded.type }
      #expect(recorded.count == 20)
    }
  }

  @Test("many at once: each counts once")
  func concurrent() async throws {
    try await withIntake { intake in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { try await intake.takeEach((0..<50).map { feedback("\($0)") }) }
        }
        try await group.waitForAll()
      }
      #expect(try await intake.count("feedback") == 50)
      #expect(try await intake.records(.ingestion).map(\.position) == Array(1...50))
    }
  }

  @Test("the payload is kept as it came, but for who the customer is")
  func rawPayload() async throws {
    try await withIntake { intake in
      let plain =
        #"{ "specversion":"1.0","id":"1","source":"/s","type":"groundswell.feedback.v1","#
        + #""data":{"programme":"p","text":"mail a@b.de"} }"#
      let named = feedback("2", "x", ["customer": "c-4711"])
      let arrived: [ArrivedEvent] = [.json(try parsed(plain), bytes: Array(plain.utf8)), .json(named, bytes: nil)]
      let results = try await intake.desk.takeAll(arrived, into: intake.store, receivedAt: intake.clock.now, trace: nil)
      let payloads = try await intake.store.read { try Data.fetchAll($0, sql: "SELECT payload FROM raw_payload") }
      #expect(payloads.map { String(decoding: $0, as: UTF8.self) }.first == plain)
      let kept = try JSONReader.value(of: Array(try #require(payloads.last)))
      #expect(kept["data"]?["customer"] == nil)
      #expect(kept["data"]?["customerHash"]?.string == IntakeFixture.key.customer("c-4711", programme: "p").rawValue)
      let recorded = try await intake.records(.ingestion)[0].decode(FeedbackRecorded.self).feedback
      #expect(recorded.rawHash == EventIdentity.rawHash(Array(plain.utf8)))
      #expect(results.map(\.position) == [1, 2])
    }
  }

  @Test("ids depend on source and id, and on where one ends and the other begins")
  func identity() {
    let id: ID<Feedback> = EventIdentity.id(source: "ab", id: "c")
    #expect(id != EventIdentity.id(source: "a", id: "bc"))
    #expect(id == EventIdentity.id(source: "ab", id: "c"))
    // SHA-256 of 00 00 00 00 00 00 00 02 61 62 63 as coreutils has it.
    #expect(id.rawValue == "290a3daa9b49526a2ed7352cd7f5e69c")
    let key = IntakeFixture.key
    #expect(key.customer("c", programme: "p") != key.customer("c", programme: "q"))
    #expect(key.customer("c", programme: "p") != ReferenceKey(Array("another".utf8)).customer("c", programme: "p"))
  }

  @Test("the key is made once and kept; a changed one is refused")
  func key() async throws {
    try await withIntake { intake in
      func customer(_ configured: String?) async throws -> ID<Customer> {
        try await intake.store.write { transaction in
          try SecretRows.referenceKey(configured: configured, in: transaction.database)
            .customer("c", programme: "p")
        }
      }
      let own = try await customer(nil)
      #expect(try await customer(nil) == own)
      await #expect(throws: Fault.self) { try await customer("a key that somebody configured later on") }
    }
  }
}
