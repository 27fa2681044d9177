import Contracts
import Records
import Testing

/// The layout, byte for byte: whoever changes it breaks every journal that was ever written, and these tests.
@Suite struct GoldenFrameTests {
  private static func drafts() -> [Draft] {
    var plain = Draft(key: "f-1")
    plain.body = Array(#"{"text":"lost luggage"}"#.utf8)
    var traced = Draft(key: "f-2")
    traced.programme = "globex"
    traced.schemaVersion = 2
    traced.trace = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    traced.body = Array(#"{"text":"late"}"#.utf8)
    return [plain, traced]
  }

  @Test func `a frame of records`() throws {
    let frame = try FrameBuilder.frames(of: GoldenFrameTests.drafts())[0]
    #expect(hexadecimal(frame.bytes) == GoldenFrames.records)
    let received = try RecordFrame(validating: bytes(GoldenFrames.records))
    for (record, draft) in zip(received.records(), GoldenFrameTests.drafts()) {
      #expect(expect(record, matches: draft))
    }
  }

  @Test func `a frame with an erased body`() throws {
    let frame = try FrameBuilder.frames(of: GoldenFrameTests.drafts())[0].erasing(1)
    #expect(hexadecimal(frame.bytes) == GoldenFrames.erased)
    #expect(try RecordFrame(validating: bytes(GoldenFrames.erased)).records().map(\.isErased) == [true, false])
  }

  @Test func `a heartbeat`() throws {
    var builder = FrameBuilder.fresh()
    for draft in GoldenFrameTests.drafts() { try builder.append(draft) }
    _ = builder.commit()
    #expect(hexadecimal(builder.head.encoded(at: FrameBuilder.commitTime)) == GoldenFrames.heartbeat)
    #expect(try HeadVector(validating: bytes(GoldenFrames.heartbeat)) == builder.head)
  }

  /// Lines of 32 bytes.
  private func hexadecimal(_ bytes: [UInt8]) -> String {
    stride(from: 0, to: bytes.count, by: 32).map { start in
      bytes[start..<min(start + 32, bytes.count)].map { byte in
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
      }.joined()
    }.joined(separator: "\n")
  }

  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }
}
