/// What is wrong with a frame, or with what should go into one.
package enum FrameError: Error, Hashable, Sendable {
  /// Fewer or more bytes than the header says, or too few for a header.
  case wrongLength(expected: Int, actual: Int)
  /// Written by a version that lays frames out differently.
  case unknownLayout(UInt8)
  /// A kind that isn't known, or not the one that was asked for.
  case unexpectedKind(UInt8)
  /// The header's checksum doesn't fit its bytes.
  case headerChecksum
  /// A header field that no writer would write.
  case malformedHeader
  /// A record whose lengths, flags or partition can't be.
  case malformedRecord(index: Int)
  /// A record's body doesn't fit its checksum.
  case bodyChecksum(position: UInt64)
  /// The chain hash doesn't fit the records.
  case chain(firstPosition: UInt64)
  /// The list of sequences in a head vector is damaged.
  case malformedHeads
  /// A frame that doesn't follow on from where the reader is.
  case discontinuous(at: UInt64)
  /// A field is too long for a record.
  case tooLong(field: String, byteCount: Int, limit: Int)
  /// A field that must not be empty is.
  case empty(field: String)
  /// No record of that position in the frame, or none with a body that could be erased.
  case nothingToErase(position: UInt64)
}

extension FrameError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wrongLength(let expected, let actual): "a frame of \(expected) bytes came as \(actual)"
    case .unknownLayout(let version): "frame layout \(version) is not known to this version"
    case .unexpectedKind(let kind): "a frame of kind \(kind) was not expected here"
    case .headerChecksum: "the frame header's checksum is wrong"
    case .malformedHeader: "the frame header is malformed"
    case .malformedRecord(let index): "record \(index) of the frame is malformed"
    case .bodyChecksum(let position): "the body at position \(position) doesn't fit its checksum"
    case .chain(let firstPosition): "the chain hash of the frame from position \(firstPosition) is wrong"
    case .malformedHeads: "the head vector is malformed"
    case .discontinuous(let position): "what comes at position \(position) doesn't follow on"
    case .tooLong(let field, let byteCount, let limit):
      "\(field) has \(byteCount) bytes, the limit is \(limit)"
    case .empty(let field): "\(field) is empty"
    case .nothingToErase(let position): "there is no body to erase at position \(position)"
    }
  }
}
