package import Contracts
package import Records

/// What a subscription needs to know of a frame of records: its place in a history, and its size.
///
/// The state machine is generic over it, so that it can be simulated with frames that hold no bytes.
package protocol HistoryFrame: Sendable {
  var identity: StreamIdentity { get }
  /// Position of the first record, from 1.
  var firstPosition: UInt64 { get }
  /// At least 1.
  var recordCount: Int { get }
  /// Chain hash of the history before this frame.
  var previousChain: ChainHash { get }
  /// Chain hash of the history up to and including this frame.
  var chain: ChainHash { get }
  var byteCount: Int { get }
  var commitTime: Timestamp { get }
}

extension HistoryFrame {
  /// Position of the last record. Wraps instead of trapping: headers come from outside.
  package var lastPosition: UInt64 { firstPosition &+ UInt64(recordCount) &- 1 }
}

/// A frame of which the first records have been delivered before, when the cursor stood inside it.
package struct FrameSlice<Frame: HistoryFrame>: Sendable {
  package let frame: Frame
  /// How many leading records to leave out.
  package let skippedRecords: Int

  package init(frame: Frame, skippedRecords: Int) {
    self.frame = frame
    self.skippedRecords = skippedRecords
  }

  package var recordCount: Int { frame.recordCount - skippedRecords }
  package var firstPosition: UInt64 { frame.firstPosition &+ UInt64(skippedRecords) }
}

/// A place between two records of a history.
package struct HistoryMark: Hashable, Sendable {
  /// Position of the record before the place; 0 at the beginning.
  package var position: UInt64
  /// Chain hash at the place; nil where it lies inside a frame, or was chosen by a person.
  package var chain: ChainHash?

  package init(position: UInt64, chain: ChainHash?) {
    self.position = position
    self.chain = chain
  }

  package static let beginning = HistoryMark(position: 0, chain: .genesis)
}

extension RecordFrame: HistoryFrame {
  package var identity: StreamIdentity { header.identity }
  package var firstPosition: UInt64 { header.firstPosition }
  package var recordCount: Int { header.recordCount }
  package var previousChain: ChainHash { header.previousChain }
  package var chain: ChainHash { header.chain }
  package var byteCount: Int { bytes.count }
  package var commitTime: Timestamp { header.commitTime }
}

extension Cursor {
  /// The place in the history that the cursor stands at.
  package var mark: HistoryMark { HistoryMark(position: position, chain: chain) }

  /// Moves to the end of a frame that has been proved to follow on, or that is where the reader chose to begin.
  ///
  /// Unlike `advance(past:)` it asks nothing of the sequences, which aren't known to someone who began in the middle.
  package mutating func move(past frame: RecordFrame) {
    identity.epoch = frame.header.identity.epoch
    position = frame.header.lastPosition
    chain = frame.header.chain
    frame.withUnsafeRecords { self[$0.partition] = $0.sequence }
  }
}
