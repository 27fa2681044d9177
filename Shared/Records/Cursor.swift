package import Contracts

/// A point in the history of a stream: everything up to `position` lies behind it.
///
/// A consumer commits its cursor together with what it made of the records, so it always knows exactly how far it is.
package struct Cursor: Hashable, Sendable {
  package var identity: StreamIdentity
  /// The last position behind the cursor; 0 before the first record.
  package var position: UInt64
  /// The chain hash of the frame that ends at `position`.
  package var chain: ChainHash
  /// The last sequence behind the cursor in each of the `Partition.count` partitions; 0 where there is none.
  package internal(set) var sequences: [UInt64]

  /// The beginning of a stream's history.
  package init(startOf identity: StreamIdentity) {
    self.identity = identity
    position = 0
    chain = .genesis
    sequences = [UInt64](repeating: 0, count: Partition.count)
  }

  /// - Parameter sequences: one for each partition.
  /// - Returns: nil unless there are `Partition.count` sequences.
  package init?(identity: StreamIdentity, position: UInt64, chain: ChainHash, sequences: [UInt64]) {
    guard sequences.count == Partition.count else { return nil }
    self.identity = identity
    self.position = position
    self.chain = chain
    self.sequences = sequences
  }

  package subscript(partition: Partition) -> UInt64 {
    get { sequences[Int(partition.rawValue)] }
    set { sequences[Int(partition.rawValue)] = newValue }
  }
}

/// How far a stream has got: the cursor of someone who has read all of it. Heartbeats carry it.
package typealias HeadVector = Cursor

extension Cursor {
  /// Moves past a frame, having proved that it continues this history.
  ///
  /// A frame of another epoch is accepted when position and chain hash fit, because then it continues the very same
  /// records: that is what a store restored from a backup writes next. The cursor takes over its epoch.
  /// - Throws: `.discontinuous` where the stream, instance, position, chain hash or a partition's sequence doesn't
  ///   follow on; the cursor is unchanged then.
  package mutating func advance(past frame: RecordFrame) throws(FrameError) {
    let header = frame.header
    guard
      header.identity.stream == identity.stream, header.identity.instance == identity.instance,
      header.firstPosition == position &+ 1, header.previousChain == chain
    else { throw .discontinuous(at: header.firstPosition) }
    var next = sequences
    try frame.withUnsafeRecords { (record) throws(FrameError) in
      let partition = Int(record.partition.rawValue)
      guard record.sequence == next[partition] &+ 1 else { throw .discontinuous(at: record.position) }
      next[partition] = record.sequence
    }
    sequences = next
    identity.epoch = header.identity.epoch
    position = header.lastPosition
    chain = header.chain
  }
}
