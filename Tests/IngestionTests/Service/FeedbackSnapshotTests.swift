import Contracts
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

@testable import Ingestion

@Suite("What is told to those who come late")
struct FeedbackSnapshotTests {
  private func snapshot(of store: Store) async throws -> (head: HeadVector, records: [Records.Record]) {
    let offer = SnapshotOffer(of: .ingestion) { FeedbackSnapshot() }
    let snapshot = try StateSnapshot(offer, of: try await store.snapshot(), at: .epoch)
    var records: [Records.Record] = []
    while true {
      let frames = try await snapshot.nextFrames()
      if frames.isEmpty { return (snapshot.head, records) }
      records += frames.flatMap { $0.records() }
    }
  }

  @Test("each piece of feedback once, in its latest revision, and nothing of what was erased")
  func latest() async throws {
    try await withIntake { intake in
      try await intake.takeEach([feedback("1", "first"), feedback("2", "secret"), feedback("3", "third")])
      try await intake.takeEach([feedback("1", "first, corrected", ["revision": 2])])
      let withdrawal = event("w", ["programme": "p", "sourceRecordID": "2"], type: .withdrawal)
      #expect(try await intake.takeEach([withdrawal])[0].outcome == .accepted)

      let (head, records) = try await snapshot(of: intake.store)
      #expect(head == intake.store.heads().first { $0.identity.stream == .ingestion })
      #expect(records.map(\.type) == [FeedbackRecorded.type, FeedbackRecorded.type])
      let told = try records.map { try $0.decode(FeedbackRecorded.self).feedback }
      #expect(told.map(\.text) == ["first, corrected", "third"])
      #expect(told.map(\.revision) == [2, 1])
      #expect(records.map(\.key) == told.map(\.id.rawValue))
      #expect(records.map(\.time) == told.map(\.receivedAt))
      #expect(records.allSatisfy { !String(decoding: $0.body, as: UTF8.self).contains("secret") })
    }
  }

  @Test("page after page, in the order of arrival")
  func pages() async throws {
    try await withIntake { intake in
      try await intake.takeEach((0..<600).map { feedback("\($0)", "words \($0)") })
      let (_, records) = try await snapshot(of: intake.store)
      let told = try records.map { try $0.decode(FeedbackRecorded.self).feedback.text }
      #expect(told == (0..<600).map { "words \($0)" })
    }
  }
}
