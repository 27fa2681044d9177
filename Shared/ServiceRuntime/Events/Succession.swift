import Contracts
import Foundation
import Messaging
import Records
import Storage

/// Keeps the order of a programme's records across a change of its owner: those of the new owner come over another
/// stream, and wait until the old owner's have been applied.
package enum Succession {
  /// The old owner's records have yet to come. It passes: their subscription is at work.
  package struct PredecessorBehind: Error, CustomStringConvertible {
    let after: StreamPosition
    let reached: UInt64

    package var description: String {
      """
      what follows comes after \(after), and that stream is applied up to \(reached): it has to be followed here, as \
      one of the --upstream of its service
      """
    }
  }

  /// Whether records of a stream may have to wait for others.
  static func concerns(_ stream: StreamName) -> Bool {
    ServiceProfile.owner(of: stream)?.isPartitioned ?? true
  }

  /// - Returns: what one of the frame's records has to wait for; nil where all may be applied now.
  static func obstacle(
    in slice: FrameSlice<RecordFrame>,
    _ isOurs: (RecordView) -> Bool,
    _ transaction: Transaction
  ) throws -> PredecessorBehind? {
    var obstacle: PredecessorBehind?
    let first = slice.firstPosition
    try slice.frame.withUnsafeRecords { (record) throws(any Error) in
      guard obstacle == nil, record.position >= first, record.isOfType(ProgrammeAdopted.type), isOurs(record) else {
        return
      }
      let adopted = try JSONDecoder().decode(ProgrammeAdopted.self, from: Data(record.body))
      guard let after = StreamPosition(adopted.after) else { return }
      let identity = after.identity
      let reached = try transaction.cursor(of: identity.stream, instance: identity.instance)?.position ?? 0
      if reached < after.position { obstacle = PredecessorBehind(after: after, reached: reached) }
    }
    return obstacle
  }
}
