package import Contracts
package import Messaging
package import Records
import ServiceRuntime
import Synchronization

/// A journal in memory, whose records' keys count up from 1 with their positions, so that a sink can tell at once what
/// is missing or doubled.
package final class MemoryJournal: JournalReading {
  private struct State {
    var builder: FrameBuilder
    var frames: [RecordFrame] = []
    /// The frame that can't be read any more, by its number from 0.
    var damagedFrame: Int?
    /// Written into every body; another mark makes another history.
    var mark = "a"
  }

  package let stream: StreamName
  private let state: Mutex<State>

  package init(_ stream: StreamName = .ingestion, instance: UInt16 = 0, epoch: UInt64 = 7) {
    self.stream = stream
    let identity = StreamIdentity(stream: stream, instance: instance, epoch: epoch)
    state = Mutex(State(builder: FrameBuilder(resuming: HeadVector(startOf: identity))))
  }

  /// Commits records, spread over eight programmes.
  /// - Returns: the frames to publish.
  @discardableResult
  package func append(_ count: Int, type: EventType = EventType("feedback.recorded")) -> [RecordFrame] {
    state.withLock { state in
      for _ in 0..<count {
        let position = state.builder.nextPosition
        let body = Array(#"{"mark":"\#(state.mark)","position":\#(position)}"#.utf8)
        do {
          _ = try body.withUnsafeBytes { body throws(Records.FrameError) in
            try state.builder.append(
              type: type,
              programme: ID("programme-\(position % 8)"),
              key: "\(position)",
              schemaVersion: 1,
              time: .epoch,
              trace: nil,
              body: body
            )
          }
        } catch {
          preconditionFailure("a record of a few bytes always fits: \(error)")
        }
      }
      let frames = state.builder.seal(at: .now())
      state.builder.accept()
      state.frames += frames
      return frames
    }
  }

  /// Goes back to the end of an earlier frame under a new epoch, as a restore from a backup does.
  package func restore(toFrame count: Int, epoch: UInt64, mark: String) {
    state.withLock { state in
      state.frames.removeLast(state.frames.count - count)
      var head = HeadVector(startOf: state.builder.head.identity)
      for frame in state.frames { head.move(past: frame) }
      head.identity.epoch = epoch
      state.builder = FrameBuilder(resuming: head)
      state.mark = mark
    }
  }

  /// From now on nothing from a frame on can be read, as where a disk has damaged it.
  package func damage(frame index: Int) {
    state.withLock { $0.damagedFrame = index }
  }

  package func trim(frames count: Int) {
    state.withLock { $0.frames.removeFirst(count) }
  }

  /// The cursor at the end of the first `count` frames.
  package func cursor(afterFrame count: Int) -> Cursor {
    state.withLock { state in
      var cursor = Cursor(startOf: state.builder.head.identity)
      for frame in state.frames.prefix(count) { cursor.move(past: frame) }
      return cursor
    }
  }

  // MARK: JournalReading

  package func head() -> HeadVector { state.withLock { $0.builder.head } }

  package func frames(after position: UInt64, mostBytes: Int) async throws -> [RecordFrame] {
    try state.withLock { state in
      var byteCount = 0
      let sound = state.damagedFrame.map { state.frames.prefix($0) } ?? state.frames[...]
      let wanted = sound.drop { $0.header.lastPosition <= position }
      if wanted.isEmpty, state.damagedFrame != nil {
        throw Fault(.dataLoss, reason: "damaged", "The frame after \(position) is damaged.")
      }
      return Array(
        wanted.prefix { frame in
          defer { byteCount += frame.bytes.count }
          return byteCount < mostBytes
        }
      )
    }
  }

  package func chain(at position: UInt64) async throws -> ChainHash? {
    guard position > 0 else { return .genesis }
    return state.withLock { $0.frames.first { $0.header.lastPosition == position }?.header.chain }
  }

  /// A record for each that was ever written, with its position as the key, whatever has been trimmed.
  package func snapshot() async throws -> (any JournalSnapshot)? { MemorySnapshot(at: head()) }
}

private actor MemorySnapshot: JournalSnapshot {
  nonisolated let head: HeadVector
  private var builder: FrameBuilder

  init(at head: HeadVector) {
    self.head = head
    builder = FrameBuilder(resuming: HeadVector(startOf: head.identity), as: .snapshot)
  }

  /// Frames of up to 30 records.
  func nextFrames() throws -> [RecordFrame] {
    while builder.nextPosition <= head.position, builder.pendingRecordCount < 30 {
      let position = builder.nextPosition
      try Array("{}".utf8).withUnsafeBytes { body in
        _ = try builder.append(
          type: EventType("feedback.recorded"),
          programme: ID("programme-\(position % 8)"),
          key: "\(position)",
          schemaVersion: 1,
          time: .epoch,
          trace: nil,
          body: body
        )
      }
    }
    let frames = builder.seal(at: .epoch)
    builder.accept()
    return frames
  }
}
