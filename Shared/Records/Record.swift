package import Contracts

/// A record that stands on its own, copied out of its frame.
package struct Record: Hashable, Sendable {
  package var position: UInt64
  package var sequence: UInt64
  package var time: Timestamp
  package var partition: Partition
  package var schemaVersion: UInt16
  package var type: EventType
  package var programme: ID<Programme>
  package var key: String
  package var trace: TraceContext?
  /// The body's JSON; empty where it was erased.
  package var body: [UInt8]
  package var isErased: Bool

  package init(_ view: RecordView) {
    position = view.position
    sequence = view.sequence
    time = view.time
    partition = view.partition
    schemaVersion = view.schemaVersion
    type = view.type
    programme = view.programme
    key = view.key
    trace = view.trace
    body = [UInt8](view.body)
    isErased = view.isErased
  }

  /// Reads a single record in its stored form, e.g. out of the dead letters.
  package init(position: UInt64, parsing bytes: [UInt8]) throws(FrameError) {
    self = try bytes.withRawBytes { (bytes) throws(FrameError) in
      guard RecordView.byteCount(ofRecordAt: 0, in: bytes) == bytes.count else { throw .malformedRecord(index: 0) }
      let view = RecordView(position: position, bytes: bytes)
      guard view.isBodySound else { throw .bodyChecksum(position: position) }
      return Record(view)
    }
  }
}
