import Contracts
import Records
import TestSupport
import Testing

@Suite struct FrameBuilderTests {
  @Test func `frames hold 250 records at most`() throws {
    let frames = try FrameBuilder.frames(of: (1...600).map { Draft(key: "\($0)") })
    #expect(frames.map(\.header.recordCount) == [250, 250, 100])
    #expect(frames.map(\.header.firstPosition) == [1, 251, 501])
    #expect(frames[1].header.previousChain == frames[0].header.chain)
    #expect(frames[2].header.lastPosition == 600)
  }

  @Test func `frames stay within 256 KiB, unless one record is bigger`() throws {
    var small = Draft()
    small.body = Array(repeating: 7, count: 100_000)
    var big = Draft()
    big.body = Array(repeating: 7, count: RecordFrame.mostBodyBytes)
    let frames = try FrameBuilder.frames(of: [small, small, small, big, small])
    #expect(frames.map(\.header.recordCount) == [2, 1, 1, 1])
    for frame in frames { _ = try RecordFrame(validating: frame.bytes) }
  }

  @Test func `fields that don't fit are refused and change nothing`() throws {
    var builder = FrameBuilder.fresh()
    try builder.append(Draft())
    func refuses(_ error: FrameError, _ change: (inout Draft) -> Void) {
      var draft = Draft()
      change(&draft)
      #expect(throws: error) { try builder.append(draft) }
    }
    let long = String(repeating: "é", count: 128)
    refuses(.tooLong(field: "key", byteCount: 256, limit: 255)) { $0.key = long }
    refuses(.tooLong(field: "type", byteCount: 256, limit: 255)) { $0.type = EventType(long) }
    refuses(.tooLong(field: "programme", byteCount: 256, limit: 255)) { $0.programme = ID(long) }
    refuses(.empty(field: "type")) { $0.type = EventType("") }
    refuses(.empty(field: "programme")) { $0.programme = "" }
    let limit = RecordFrame.mostBodyBytes
    refuses(.tooLong(field: "body", byteCount: limit + 1, limit: limit)) {
      $0.body = Array(repeating: 0, count: limit + 1)
    }
    #expect(builder.pendingRecordCount == 1)
    #expect(try builder.append(Draft()) == 2)
  }

  @Test(arguments: Seeds.fresh(30)) func `what is rolled back was never there`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var builder = FrameBuilder.fresh()
    var plain = FrameBuilder.fresh()
    for _ in 0..<5 {
      for _ in 0..<Int.random(in: 1...20, using: &generator) {
        let drafts = (0..<Int.random(in: 0...8, using: &generator)).map { _ in Draft.random(&generator) }
        let mark = builder.mark
        for draft in drafts { try builder.append(draft) }
        if generator.happens(0.4) {
          builder.rollBack(to: mark)
        } else {
          for draft in drafts { try plain.append(draft) }
        }
      }
      if generator.happens(0.3) {
        _ = builder.seal(at: FrameBuilder.commitTime)
        builder.abandon()
        plain.abandon()
      }
      #expect(builder.nextPosition == plain.nextPosition)
      #expect(builder.commit() == plain.commit())
      #expect(builder.head == plain.head)
    }
  }

  @Test func `history goes on from its head`() throws {
    var builder = FrameBuilder.fresh()
    try builder.append(Draft())
    let first = builder.commit()[0]
    var resumed = FrameBuilder(resuming: builder.head)
    #expect(try resumed.append(Draft()) == 2)
    let second = resumed.commit()[0]
    #expect(second.header.previousChain == first.header.chain)
    #expect(second.records()[0].sequence == 2)
  }

  @Test func `nothing appended makes no frame`() {
    var builder = FrameBuilder.fresh()
    #expect(builder.seal(at: .epoch).isEmpty)
    builder.accept()
    #expect(builder.head == HeadVector(startOf: FrameBuilder.identity))
  }
}
