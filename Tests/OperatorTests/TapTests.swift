import Contracts
import Foundation
import Records
import TestSupport
import Testing

@testable import Operator

/// What `groundswell tap` prints of records.
struct TapTests {
  /// The rule is WIRE.md's: "As CloudEvents".
  @Test func aRecordIsACloudEvent() throws {
    let frame = try #require(MemoryJournal(instance: 2, epoch: 9).append(3).first)
    let filter = TapFilter(after: 2, types: ["feedback."], programme: "programme-3")
    let line = try #require(try filter.lines(of: frame).first)
    let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary)
    let sequence = String(frame.records()[2].sequence)
    let expected: NSDictionary = [
      "specversion": "1.0", "id": "9.3", "source": "/groundswell/ingestion/2", "type": "feedback.recorded",
      "subject": "3", "time": "1970-01-01T00:00:00.000Z", "partitionkey": "programme-3",
      "sequence": String(repeating: "0", count: 20 - sequence.count) + sequence, "sequencetype": "PartitionSequence",
      "schemaversion": 1, "datacontenttype": "application/json", "data": ["mark": "a", "position": 3],
    ]
    #expect(event == expected)
  }

  @Test func onlyWhatWasAskedForIsShown() throws {
    let frame = try #require(MemoryJournal().append(16).first)
    func subjects(_ filter: TapFilter) throws -> [String] {
      try filter.lines(of: frame).compactMap { line in
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return event?["subject"] as? String
      }
    }
    #expect(try subjects(TapFilter(after: 13, types: [], programme: nil)) == ["14", "15", "16"])
    #expect(try subjects(TapFilter(after: 0, types: [], programme: "programme-3")) == ["3", "11"])
    #expect(try subjects(TapFilter(after: 0, types: ["opportunity."], programme: nil)) == [])
    #expect(try subjects(TapFilter(after: 14, types: ["case.", "feedback.rec"], programme: nil)) == ["15", "16"])
  }

  /// The fact stays, the words don't.
  @Test func anErasedRecordHasNoData() throws {
    let frame = try #require(MemoryJournal().append(1).first).erasing(1)
    let line = try #require(try TapFilter(after: 0, types: [], programme: nil).lines(of: frame).first)
    #expect(line.contains(#""subject":"1""#) && !line.contains(#""data""#), "\(line)")
  }
}
