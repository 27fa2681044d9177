import GRPCCore
import Testing

@testable import Messaging

struct CallCodecTests {
  private static let every: [CallRecord] = [
    CallRecord(
      7,
      .open(
        OpenRecord(
          method: "ranking.v1/Teams",
          remaining: .milliseconds(250),
          window: StreamCredit(messages: 256, bytes: 262_144),
          metadata: ["request-id": "a:b", "shape-bin": [0, 255, 10]]
        )
      )
    ),
    CallRecord(7, .headers([:])),
    CallRecord(7, .message(Array("{}".utf8), closes: true)),
    CallRecord(7, .message([], closes: false)),
    CallRecord(7, .end),
    CallRecord(7, .status(Status(code: .notFound, message: "nö"), ["fault": "{\"reason\":\"x\"}"])),
    CallRecord(7, .cancel),
    CallRecord(.max, .credit(StreamCredit(messages: 1, bytes: .max))),
    .connection(.hello(version: 1)),
    .connection(.welcome(.assumed)),
    .connection(.ping), .connection(.pong), .connection(.goAway), .connection(.goodbye),
  ]

  @Test func everyRecordSurvivesTheWire() throws {
    var bytes: [UInt8] = []
    for record in CallCodecTests.every { FrameCodec.append(record, to: &bytes) }
    #expect(try decode(bytes) == CallCodecTests.every)
  }

  @Test func theBytesAreThoseOfTheDocument() {
    var bytes: [UInt8] = []
    let open = OpenRecord(
      method: "a/B",
      remaining: .microseconds(513),
      window: StreamCredit(messages: 2, bytes: 3),
      metadata: ["k": "v"]
    )
    FrameCodec.append(CallRecord(0x0102, .open(open)), to: &bytes)
    #expect(
      bytes == [
        25, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,  // 25 bytes, OPEN, no flags, aux 0, call 0x0102
        1, 2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,  // 513 µs, window of 2 messages and 3 bytes
        3, 0, 0x61, 0x2F, 0x42, 0x6B, 0x3A, 0x76, 0x0A,  // "a/B", "k:v\n"
      ]
    )
    bytes = []
    FrameCodec.append(CallRecord(1, .status(Status(code: .unavailable, message: "no"), [:])), to: &bytes)
    #expect(bytes == [4, 0, 0, 0, 5, 0, 14, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0x6E, 0x6F])
  }

  @Test func unknownKindsAreSkipped() throws {
    var bytes: [UInt8] = [3, 0, 0, 0, 99, 7, 7, 7, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9]
    FrameCodec.append(.connection(.ping), to: &bytes)
    #expect(try decode(bytes) == [.connection(.ping)])
  }

  @Test func everyTruncationIsNoticed() {
    var bytes: [UInt8] = []
    for record in CallCodecTests.every.prefix(1) { FrameCodec.append(record, to: &bytes) }
    for count in 1..<bytes.count {
      #expect(throws: FrameError.self) { try decode(Array(bytes.prefix(count))) }
    }
  }

  @Test func noBytesAreTooStrange() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if bytes.count > 20, Bool.random(using: &random) {
        // A plausible header, so that bodies are reached.
        bytes.replaceSubrange(
          0..<6,
          with: [UInt8(bytes.count - 16), 0, 0, 0, UInt8.random(in: 1...21, using: &random), 0]
        )
      }
      _ = bytes.withUnsafeBytes(FrameCodec.recordsIfWhole)
    }
  }

  @Test func theLayoutOfMetadataIsGuarded() {
    #expect(MetadataCodec.objection(to: ["a": "line\nbreak"])?.code == .invalidArgument)
    #expect(MetadataCodec.objection(to: ["a:b": "x"])?.code == .invalidArgument)
    #expect(
      MetadataCodec.objection(to: ["a": .string(String(repeating: "x", count: 9000))])?.code == .resourceExhausted
    )
    #expect(MetadataCodec.objection(to: ["a": "ünicode is fine"]) == nil)
  }

  @Test func aKeyOfMetadataHasOneSpelling() throws {
    func frame(_ metadata: String) -> [UInt8] {
      [UInt8(metadata.utf8.count), 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] + Array(metadata.utf8)
    }
    #expect(try decode(frame("a-bin:AA==\n")) == [CallRecord(1, .headers(["a-bin": [0]]))])
    // In capitals it would be taken for text here, and for base64 by whoever it is passed on to.
    for metadata in ["a-BIN:AA==\n", "A:b\n", "\u{212A}:b\n", "a b:c\n", "\u{7F}:c\n"] {
      #expect(throws: FrameError.malformedMetadata, "\(metadata)") { try decode(frame(metadata)) }
    }
  }

  @Test func deadlinesBeyondTheClockAreTheLongestThereIs() throws {
    let open = OpenRecord(method: "a/B", remaining: nil, window: StreamCredit(messages: 1, bytes: 1), metadata: [:])
    var bytes: [UInt8] = []
    FrameCodec.append(CallRecord(1, .open(open)), to: &bytes)
    bytes.replaceSubrange(16..<24, with: [UInt8](repeating: 255, count: 8))
    let records = try decode(bytes)
    var again: [UInt8] = []
    for record in records { FrameCodec.append(record, to: &again) }
    #expect(try decode(again) == records)
    guard case .open(let read) = records.first?.content, let remaining = read.remaining else {
      return #expect(Bool(false), "\(records)")
    }
    #expect(MonotonicInstant.now + remaining > .now + .seconds(100 * 365 * 86_400))
  }

  @Test func recordsArePackedAndLargeOnesStandAlone() throws {
    var packer = FramePacker()
    let small = CallContent.message([UInt8](repeating: 1, count: 1000), closes: false)
    let large = CallContent.message([UInt8](repeating: 2, count: 200_000), closes: false)
    var sent: [CallRecord] = []
    for round in 0..<100 {
      let record = CallRecord(1, round == 50 ? large : small)
      sent.append(record)
      packer.append(record)
    }
    let waiting = packer.byteCount
    let frames = packer.take()
    #expect(packer.isEmpty)
    #expect(frames.reduce(0) { $0 + $1.count } == waiting)
    #expect(frames.count == 3, "99 kB of small records around a large one")
    #expect(frames.filter { $0.count > FrameCodec.packedByteCount + 2000 }.count == 1)
    #expect(try frames.flatMap { try decode($0) } == sent)
  }
}

private func decode(_ bytes: [UInt8]) throws -> [CallRecord] {
  try bytes.withUnsafeBytes { try FrameCodec.decode($0) }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that a seed is a history.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
