import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@testable import Ingestion

@Suite("Erasing")
struct ErasureTests {
  private func withdrawal(_ id: String) -> JSONValue {
    event("w-\(id)", ["programme": "p", "sourceRecordID": .string(id)], type: .withdrawal)
  }

  private func expectForgotten(_ intake: IntakeFixture) async throws {
    let erasedAt = intake.clock.now.milliseconds
    try await intake.store.read { database in
      let row = try #require(try Row.fetchOne(database, sql: "SELECT * FROM feedback"))
      #expect(row["body"] as Data? == nil)
      #expect(row["erased_at"] as Int64? == erasedAt)
      #expect(try Data.fetchAll(database, sql: "SELECT payload FROM raw_payload WHERE payload IS NOT NULL").isEmpty)
    }
    let records = try await intake.records(.ingestion)
    #expect(records.last?.type == FeedbackErased.type)
    #expect(records.dropLast().allSatisfy { $0.isErased })
  }

  @Test("a withdrawal takes words, payload and journal bodies; what came is not taken again")
  func withdrawn() async throws {
    try await withIntake { intake in
      try await intake.takeEach([feedback("1", "secret")])
      try await intake.takeEach([feedback("1", "secret too", ["revision": 2])])
      let result = try await intake.takeEach([withdrawal("1")])[0]
      #expect(result.outcome == .accepted)
      #expect(result.position == 3)
      try await expectForgotten(intake)
      #expect(try await intake.takeEach([withdrawal("1")])[0].outcome == .duplicate)
      #expect(try await intake.takeEach([feedback("1", "secret")])[0].outcome == .duplicate)
      let revived = try await intake.takeEach([feedback("1", "secret", ["revision": 3])])[0]
      #expect(revived.fault?.reason == "feedbackErased")
      #expect(try await intake.records(.ingestion).count == 3)
    }
  }

  @Test("words that are in no frame yet are erased a little later")
  func withinOneCommit() async throws {
    try await withIntake { intake in
      let results = try await intake.takeEach([feedback("1", "secret"), withdrawal("1")])
      #expect(results.allSatisfy { $0.outcome == .accepted })
      #expect(try await intake.count("erasure_due") == 1)
      try await intake.store.write { try Erasure($0).eraseDue() }
      #expect(try await intake.count("erasure_due") == 0)
      try await expectForgotten(intake)
    }
  }

  @Test("what was never sent can't be withdrawn, nor what belongs to another programme")
  func unknown() async throws {
    try await withIntake { intake in
      #expect(try await intake.takeEach([withdrawal("1")])[0].fault?.reason == "unknownFeedback")
      try await intake.takeEach([feedback("1")])
      let other = event("w", ["programme": "q", "sourceRecordID": "1"], type: .withdrawal)
      #expect(try await intake.takeEach([other])[0].fault?.reason == "recordedElsewhere")
      let elsewhere = event("w", ["programme": "p", "sourceRecordID": "1"], type: .withdrawal, source: "/others")
      #expect(try await intake.takeEach([elsewhere])[0].fault?.reason == "unknownFeedback")
    }
  }
}

@Suite("Coverage")
struct CoverageTests {
  private func coverage(_ intake: IntakeFixture, since: Timestamp? = nil) async throws -> [ChannelCoverage] {
    let now = intake.clock.now
    return try await intake.store.read {
      try CoverageQueries(database: $0).report(CoverageRequest(programme: "p", since: since), now: now).channels
    }
  }

  private func count(_ id: String, _ count: Int64, day: String = "2026-11-20", source: String = "/a") -> JSONValue {
    event(
      id,
      ["programme": "p", "channel": "call", "day": .string(day), "count": .integer(count)],
      type: .interactions,
      source: source
    )
  }

  @Test("interactions are counted once, however often they are heard of")
  func interactions() async throws {
    try await withIntake { intake in
      let call: [String: JSONValue] = ["channel": "call", "interactionID": "i-1", "occurredAt": "2026-11-20T10:00:00Z"]
      try await intake.takeEach([
        feedback("1", "a", call), feedback("2", "b", call),
        feedback("3", "c", call.merging(["interactionID": .null]) { $1 }),
        feedback("4", "d", ["channel": "chat"]), count("c1", 40), count("c2", 50), count("c3", 10, source: "/b"),
        count("c4", 7, day: "2026-11-01"),
      ])
      let all = try await coverage(intake)
      #expect(all.map(\.channel) == [.known(.call), .known(.chat)])
      #expect(all[0].feedback == 3)
      #expect(all[0].interactionsWithSignal == 2)
      // The latest count of each source, over sources and days.
      #expect(all[0].interactions == 67)
      #expect(all[1].interactions == nil)
      #expect(all[0].lastReceivedAt == intake.clock.now)
      let recent = try await coverage(intake, since: Timestamp(rfc3339: "2026-11-15T00:00:00Z"))
      #expect(recent[0].interactions == 60)
      await #expect(throws: Fault.self) {
        try await intake.store.read {
          try CoverageQueries(database: $0).report(CoverageRequest(programme: "x"), now: .epoch)
        }
      }
    }
  }

  @Test("a channel that falls silent raises one alarm, and none once it speaks again")
  func silence() async throws {
    try await withIntake { intake in
      func alarms() async throws -> Int {
        let now = intake.clock.now
        return try await intake.store.write {
          try CoverageQueries(database: $0.database).noteSilence(now: now).alarms.count
        }
      }
      for day in 0..<10 {
        try await intake.takeEach((0..<5).map { feedback("\(day)-\($0)", "x", ["channel": "chat"]) })
        #expect(try await alarms() == 0)
        intake.clock.advance(by: .days(1))
      }
      intake.clock.advance(by: .days(3))
      #expect(try await coverage(intake).first?.isSilent == true)
      #expect(try await alarms() == 1)
      #expect(try await alarms() == 0)
      try await intake.takeEach([feedback("again", "x", ["channel": "chat"])])
      #expect(try await coverage(intake).first?.isSilent == false)
    }
  }
}

@Suite("Reading feedback back")
struct FeedbackQueryTests {
  private func page(_ intake: IntakeFixture, _ request: FeedbackRequest) async throws -> FeedbackPage {
    try await intake.store.read { try FeedbackQueries(database: $0).page(request) }
  }

  @Test("pages run from the newest to the oldest without gap or repeat")
  func pages() async throws {
    try await withIntake { intake in
      for start in [0, 10, 20] {
        try await intake.takeEach(
          (start..<start + 10).map {
            feedback("\($0)", "text \($0)", $0 % 2 == 0 ? ["team": "t", "channel": "chat"] : ["channel": "call"])
          }
        )
      }
      try await intake.takeEach([event("q", ["programme": "q", "text": "elsewhere"])])
      var texts: [String] = []
      var request = FeedbackRequest(programme: "p", limit: 7)
      repeat {
        let page = try await page(intake, request)
        texts += page.feedback.map(\.text)
        request.cursor = page.cursor
      } while request.cursor != nil
      #expect(texts == (0..<30).reversed().map { "text \($0)" })
      let team = try await page(intake, FeedbackRequest(programme: "p", team: "t", channel: .known(.chat)))
      #expect(team.feedback.count == 15)
      #expect(team.cursor == nil)
      #expect(
        try await page(intake, FeedbackRequest(programme: "p", team: "t", channel: .known(.call))).feedback.isEmpty
      )
      #expect(try await page(intake, FeedbackRequest(programme: "p", channel: .known(.call))).feedback.count == 15)
      let ids = team.feedback.prefix(2).map(\.id)
      let byID = try await page(intake, FeedbackRequest(programme: "p", ids: ids + ["unknown"]))
      #expect(byID.feedback.map(\.id) == ids)
      #expect(try await page(intake, FeedbackRequest(programme: "q", ids: ids)).feedback.isEmpty)
    }
  }

  @Test("senseless requests are refused")
  func refused() async throws {
    try await withIntake { intake in
      for (request, reason) in [
        (FeedbackRequest(programme: "x"), "unknownProgramme"),
        (FeedbackRequest(programme: "p", limit: 0), "outOfBounds"),
        (FeedbackRequest(programme: "p", limit: 501), "outOfBounds"),
        (FeedbackRequest(programme: "p", cursor: "later"), "invalidCursor"),
      ] {
        let fault = await #expect(throws: Fault.self) { try await page(intake, request) }
        #expect(fault?.reason == reason)
      }
    }
  }

  @Test("no list is read by walking through all there is")
  func plans() async throws {
    try await withIntake { intake in
      for (condition, index) in [
        ("", "feedback_of_programme"), ("AND channel = 'c'", "feedback_of_channel"),
        ("AND team = 't'", "feedback_of_team"),
        ("AND team = 't' AND channel = 'c'", "feedback_of_team_and_channel"),
      ] {
        let plan = try await intake.store.read {
          try Row.fetchAll(
            $0,
            sql: """
              EXPLAIN QUERY PLAN SELECT body FROM feedback WHERE programme = 'p' AND erased_at IS NULL \(condition)
              ORDER BY arrival DESC LIMIT 5
              """
          ).map { $0["detail"] as String }
        }
        #expect(plan.count == 1)
        #expect(plan.first?.contains("USING INDEX \(index) ") == true, "\(plan)")
      }
    }
  }
}
