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
  /// Which instance of its stream's service wrote it.
  package var instance: UInt16

  package init(_ view: RecordView, instance: UInt16 = 0) {
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
    self.instance = instance
  }

  /// Its place as a reference that no other record has: `stream/position`, with the instance between them where the
  /// stream's service has several.
  package func place(in stream: StreamName) -> String {
    instance == 0 ? "\(stream)/\(position)" : "\(stream)/\(instance)/\(position)"
  }

  /// Reads a single record in its stored form, e.g. out of the dead letters.
  package init(position: UInt64, parsing bytes: [UInt8], instance: UInt16 = 0) throws(FrameError) {
    self = try bytes.withRawBytes { (bytes) throws(FrameError) in
      guard RecordView.byteCount(ofRecordAt: 0, in: bytes) == bytes.count else { throw .malformedRecord(index: 0) }
      let view = RecordView(position: position, bytes: bytes)
      guard view.isBodySound else { throw .bodyChecksum(position: position) }
      return Record(view, instance: instance)
    }
  }
}
