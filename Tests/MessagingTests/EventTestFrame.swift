import Contracts
import Messaging
import Records

/// A frame without bytes: its records are numbers, and its chain hash mixes them instead of hashing.
struct TestFrame: HistoryFrame {
  var identity: StreamIdentity
  var firstPosition: UInt64
  var contents: [UInt64]
  var previousChain: ChainHash
  var chain: ChainHash
  var byteCount: Int
  var commitTime = Timestamp.epoch
  var recordCount: Int { contents.count }

  /// The frame that follows `head` with `contents`.
  init(following head: HeadVector, contents: [UInt64], byteCount: Int = 100) {
    identity = head.identity
    firstPosition = head.position + 1
    self.contents = contents
    previousChain = head.chain
    self.byteCount = byteCount
    chain = testChain(head.chain, [head.identity.epoch, head.position] + contents)
  }

  /// The head after this frame.
  var head: HeadVector {
    var head = HeadVector(startOf: identity)
    head.position = lastPosition
    head.chain = chain
    return head
  }
}

func testChain(_ previous: ChainHash, _ words: [UInt64]) -> ChainHash {
  var mixed = SplitMix64(seed: previous.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
  var sum = mixed.next()
  for word in words {
    var next = SplitMix64(seed: sum ^ word)
    sum = next.next()
  }
  var spread = SplitMix64(seed: sum)
  let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: spread.next()) { Array($0) } }
  return ChainHash(bytes) ?? .genesis
}

/// A history under construction, frame by frame.
struct TestHistory {
  var head: HeadVector
  var frames: [TestFrame] = []

  init(epoch: UInt64 = 7, stream: StreamName = .ingestion, instance: UInt16 = 0) {
    head = HeadVector(startOf: StreamIdentity(stream: stream, instance: instance, epoch: epoch))
  }

  @discardableResult
  mutating func append(_ contents: [UInt64], byteCount: Int = 100) -> TestFrame {
    let frame = TestFrame(following: head, contents: contents, byteCount: byteCount)
    frames.append(frame)
    head = frame.head
    return frame
  }

  @discardableResult
  mutating func append(records count: Int, byteCount: Int = 100) -> TestFrame {
    append((0..<count).map { head.position + UInt64($0) + 1 }, byteCount: byteCount)
  }
}

extension MonotonicInstant {
  static let start = MonotonicInstant(nanoseconds: 1_000_000_000)
}
