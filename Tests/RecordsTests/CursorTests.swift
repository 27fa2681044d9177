import Contracts
import Foundation
import Records
import TestSupport
import Testing

@Suite struct CursorTests {
  static func random(_ seed: UInt64) throws -> HeadVector {
    var generator = SeededGenerator(seed: seed)
    var cursor = HeadVector(
      startOf: StreamIdentity(
        stream: StreamName.all[Int.random(in: 0..<StreamName.all.count, using: &generator)],
        instance: .random(in: 0 ... .max, using: &generator),
        epoch: .random(in: 0 ... .max, using: &generator)
      )
    )
    cursor.position = .random(in: 0..<1 << 63, using: &generator)
    cursor.chain = try #require(ChainHash(generator.bytes(32)))
    for number in 0..<UInt16(Partition.count) where generator.happens(0.5) {
      cursor[try #require(Partition(number))] = .random(in: 0 ... .max, using: &generator)
    }
    return cursor
  }

  @Test(arguments: Seeds.fresh(50)) func `blob, JSON and heartbeat carry all of it`(seed: UInt64) throws {
    let cursor = try CursorTests.random(seed)
    #expect(cursor.blob.count == Cursor.blobByteCount)
    #expect(Cursor(blob: cursor.blob) == cursor)
    #expect(try JSONDecoder().decode(Cursor.self, from: JSONEncoder().encode(cursor)) == cursor)
    for kind in [FrameKind.heartbeat, .welcome] {
      let bytes = cursor.encoded(as: kind, at: FrameBuilder.commitTime)
      #expect(try HeadVector(validating: bytes) == cursor)
      #expect(try FrameHeader(parsing: bytes).kind == kind)
      #expect(try FrameHeader(parsing: bytes).commitTime == FrameBuilder.commitTime)
      #expect(throws: FrameError.unexpectedKind(kind.rawValue)) { try RecordFrame(validating: bytes) }
    }
  }

  @Test(arguments: Seeds.fresh(1)) func `a heartbeat cut or flipped anywhere is refused`(seed: UInt64) throws {
    let bytes = try CursorTests.random(seed).encoded(at: FrameBuilder.commitTime)
    for length in 0..<bytes.count {
      #expect(throws: FrameError.self) { try HeadVector(validating: Array(bytes[..<length])) }
    }
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: FrameError.self, "bit \(bit)") { try HeadVector(validating: flipped) }
    }
  }

  @Test func `a blob of another length or without a name is refused`() {
    let blob = Cursor(startOf: FrameBuilder.identity).blob
    #expect(Cursor(blob: blob.dropLast()) == nil)
    #expect(Cursor(blob: blob + [0]) == nil)
    #expect(Cursor(blob: [0] + blob.dropFirst()) == nil)
  }

  @Test func `only what follows on is accepted`() throws {
    var builder = FrameBuilder.fresh()
    try builder.append(Draft())
    let first = builder.commit()[0]
    try builder.append(Draft())
    let second = builder.commit()[0]
    let start = Cursor(startOf: FrameBuilder.identity)

    var skipping = start
    #expect(throws: FrameError.discontinuous(at: 2)) { try skipping.advance(past: second) }
    #expect(skipping == start)

    var cursor = start
    try cursor.advance(past: first)
    var repeating = cursor
    #expect(throws: FrameError.discontinuous(at: 1)) { try repeating.advance(past: first) }

    // The same positions, another history.
    var other = FrameBuilder.fresh()
    try other.append(Draft(key: "another"))
    _ = other.commit()
    try other.append(Draft())
    let diverged = other.commit()[0]
    #expect(throws: FrameError.discontinuous(at: 2)) { try cursor.advance(past: diverged) }

    var elsewhere = cursor
    elsewhere.identity.instance += 1
    #expect(throws: FrameError.discontinuous(at: 2)) { try elsewhere.advance(past: second) }

    try cursor.advance(past: second)
    #expect(cursor == builder.head)
  }

  @Test func `a hole in a partition's numbering is noticed`() throws {
    var builder = FrameBuilder.fresh()
    try builder.append(Draft())
    let frame = builder.commit()[0]
    var cursor = Cursor(startOf: FrameBuilder.identity)
    cursor[Partition(of: "acme")] = 5
    #expect(throws: FrameError.discontinuous(at: 1)) { try cursor.advance(past: frame) }
  }

  @Test func `after the last number there is, nothing follows on`() throws {
    var cursor = HeadVector(startOf: FrameBuilder.identity)
    let frame = try #require(try FrameBuilder.frames(of: [Draft()]).first)
    for partition in 0..<UInt16(Partition.count) { cursor[try #require(Partition(partition))] = .max }
    #expect(throws: FrameError.self) { try cursor.advance(past: frame) }
    cursor = HeadVector(startOf: FrameBuilder.identity)
    cursor.position = .max
    #expect(throws: FrameError.self) { try cursor.advance(past: frame) }
  }

  @Test func `a store restored from a backup goes on with the same history under a new epoch`() throws {
    var builder = FrameBuilder.fresh()
    try builder.append(Draft())
    var cursor = Cursor(startOf: FrameBuilder.identity)
    try cursor.advance(past: builder.commit()[0])
    var head = builder.head
    head.identity.epoch = 99
    var restored = FrameBuilder(resuming: head)
    try restored.append(Draft())
    try cursor.advance(past: restored.commit()[0])
    #expect(cursor == restored.head)
    #expect(cursor.identity.epoch == 99)
  }

  @Test func `a hash reads back from its text`() throws {
    let text = "00ff" + String(repeating: "ab", count: 30)
    #expect(try #require(ChainHash(text)).description == text)
    #expect(ChainHash(text.uppercased()) == nil)
    #expect(ChainHash(String(text.dropLast())) == nil)
    #expect(ChainHash(text + "0") == nil)
    #expect(ChainHash.genesis.description == String(repeating: "0", count: 64))
  }
}
