import Contracts
import Records
import TestSupport
import Testing

@Suite struct RecordFrameTests {
  @Test(arguments: Seeds.fresh(20)) func `what was appended comes back`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let drafts = (0..<Int.random(in: 1...600, using: &generator)).map { _ in Draft.random(&generator) }
    let frames = try FrameBuilder.frames(of: drafts)
    var cursor = Cursor(startOf: FrameBuilder.identity)
    var records: [Record] = []
    for frame in frames {
      let received = try RecordFrame(validating: frame.bytes)
      #expect(received == frame)
      try cursor.advance(past: received)
      records += received.records()
    }
    #expect(records.count == drafts.count)
    for (record, draft) in zip(records, drafts) { #expect(expect(record, matches: draft)) }
    #expect(records.map(\.position) == Array(1...UInt64(drafts.count)))
    for (_, ofPartition) in Dictionary(grouping: records, by: \.partition) {
      #expect(ofPartition.map(\.sequence) == Array(1...UInt64(ofPartition.count)))
    }
  }

  @Test(arguments: Seeds.fresh(3)) func `a frame cut short anywhere is refused`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let frame = try FrameBuilder.frames(of: (0..<4).map { _ in Draft.random(&generator) })[0]
    for length in 0..<frame.bytes.count {
      #expect(throws: FrameError.self) { try RecordFrame(validating: Array(frame.bytes[..<length])) }
    }
    #expect(throws: FrameError.self) { try RecordFrame(validating: frame.bytes + [0]) }
  }

  @Test(arguments: Seeds.fresh(2)) func `every flipped bit is noticed`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var drafts = (0..<3).map { _ in Draft.random(&generator) }
    // The erased flag is outside the chain, so the bodies most like an erased one deserve to be here.
    drafts[1].body = []
    drafts[2].body = [0, 0, 0, 0, 0]
    let frame = try FrameBuilder.frames(of: drafts)[0]
    let erased = drafts[0].body.isEmpty ? frame : try frame.erasing(1)
    for sound in [frame, erased] {
      _ = try RecordFrame(validating: sound.bytes)
      for bit in 0..<sound.bytes.count * 8 {
        var bytes = sound.bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        #expect(throws: FrameError.self, "bit \(bit)") { try RecordFrame(validating: bytes) }
      }
    }
  }

  @Test(arguments: Seeds.fresh(200)) func `noise is refused without harm`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let noise = generator.bytes(.random(in: 0...2000, using: &generator))
    #expect(throws: FrameError.self) { try RecordFrame(validating: noise) }
    #expect(throws: FrameError.self) { try HeadVector(validating: noise) }
    #expect(throws: FrameError.self) { try Record(position: 1, parsing: noise) }
  }

  @Test func `an erased body is gone and the chain still holds`() throws {
    let frames = try FrameBuilder.frames(of: (1...5).map { Draft(key: "f-\($0)") })
    let erased = try frames[0].erasing(3)
    let received = try RecordFrame(validating: erased.bytes)
    #expect(received.header == frames[0].header)
    let records = received.records()
    #expect(records.map(\.isErased) == [false, false, true, false, false])
    #expect(records[2].body.isEmpty)
    #expect(records[2].key == "f-3")
    #expect(records[3].body == Draft().body)
    #expect(!erased.bytes.contains(Draft().body, times: 5))
    var cursor = Cursor(startOf: FrameBuilder.identity)
    try cursor.advance(past: received)
    #expect(throws: FrameError.nothingToErase(position: 3)) { try received.erasing(3) }
    #expect(throws: FrameError.nothingToErase(position: 6)) { try received.erasing(6) }
    #expect(throws: FrameError.nothingToErase(position: 0)) { try received.erasing(0) }
  }

  @Test func `an event comes back out of its body`() throws {
    let body = try EventEncoder().body(of: Remark(programme: "acme", key: "r/1", text: "naïve / plain"))
    #expect(String(decoding: body, as: UTF8.self) == #"{"key":"r/1","programme":"acme","text":"naïve / plain"}"#)
    var draft = Draft()
    draft.type = Remark.type
    draft.body = Array(body)
    let frame = try FrameBuilder.frames(of: [draft])[0]
    try frame.withUnsafeRecords { view in
      #expect(view.isOfType(Remark.type))
      #expect(!view.isOfType(EventType("remark.madeup")))
      let remark = try view.decode(Remark.self)
      #expect(remark.text == "naïve / plain")
    }
    #expect(try frame.records()[0].decode(Remark.self).key == "r/1")
    let erased = try frame.erasing(1)
    #expect(throws: DecodingError.self) { try erased.records()[0].decode(Remark.self) }
  }
}

private struct Remark: Event {
  static let type = EventType("remark.made")
  static let stream = StreamName.ingestion
  var programme: ID<Programme>
  var key: String
  var text: String
}

extension [UInt8] {
  /// Whether `part` occurs at least that often, without overlap.
  fileprivate func contains(_ part: [UInt8], times: Int) -> Bool {
    var count = 0
    var index = 0
    while index + part.count <= self.count {
      if self[index..<index + part.count].elementsEqual(part) {
        count += 1
        index += part.count
      } else {
        index += 1
      }
    }
    return count >= times
  }
}
