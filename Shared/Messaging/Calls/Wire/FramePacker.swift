/// Packs records into frames as they come, so that everything one wake-up finds goes out in as few frames as possible.
struct FramePacker: Sendable {
  private var full: [[UInt8]] = []
  private var current: [UInt8] = []
  /// Bytes waiting to be taken.
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ record: CallRecord) {
    let before = current.count
    if case .message(let payload, _) = record.content, before > 0,
      before + FrameCodec.headerByteCount + payload.count > FrameCodec.packedByteCount
    {
      full.append(current)
      current = []
      byteCount -= before
      FrameCodec.append(record, to: &current)
      byteCount += before + current.count
    } else {
      FrameCodec.append(record, to: &current)
      byteCount += current.count - before
    }
    if current.count >= FrameCodec.packedByteCount {
      full.append(current)
      current = []
    }
  }

  /// The frames so far, in order.
  mutating func take() -> [[UInt8]] {
    defer { self = FramePacker() }
    return current.isEmpty ? full : full + [current]
  }
}
