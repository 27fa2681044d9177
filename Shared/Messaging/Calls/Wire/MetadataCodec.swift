import Foundation
import GRPCCore

/// Metadata as text: `key:value` and a line feed each; keys in lower case, values of `-bin` keys in base64.
enum MetadataCodec {
  static func append(_ metadata: Metadata, to bytes: inout [UInt8]) {
    for (key, value) in metadata {
      bytes.append(contentsOf: key.lowercased().utf8)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(contentsOf: value.encoded().utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(FrameError) -> Metadata {
    guard bytes.count <= FrameCodec.largestMetadataBytes else { throw .tooMuchMetadata(byteCount: bytes.count) }
    var metadata = Metadata()
    var start = 0
    while start < bytes.count {
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { throw .malformedMetadata }
      let line = bytes[start..<end]
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > start else { throw .malformedMetadata }
      guard line[..<colon].allSatisfy(isAllowedInKey) else { throw .malformedMetadata }
      guard
        let key = String(validating: line[..<colon], as: UTF8.self),
        let value = String(validating: line[(colon + 1)...], as: UTF8.self)
      else { throw .notUTF8 }
      if key.hasSuffix("-bin") {
        guard let data = Data(base64Encoded: value) else { throw .malformedMetadata }
        metadata.addBinary([UInt8](data), forKey: key)
      } else {
        metadata.addString(value, forKey: key)
      }
      start = end + 1
    }
    return metadata
  }

  /// Printable ASCII without the colon; on the wire there are no capital letters, so that a key has one spelling.
  private static func isAllowedInKey(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ":") && !(0x41...0x5A).contains(byte)
  }

  /// Why metadata can't be sent; nil when it can.
  static func objection(to metadata: Metadata) -> RPCError? {
    var byteCount = 0
    for (key, value) in metadata {
      let text = value.encoded()
      guard !key.isEmpty, key.lowercased().utf8.allSatisfy(isAllowedInKey) else {
        return RPCError(code: .invalidArgument, message: "'\(key)' can't be the name of metadata")
      }
      guard !text.utf8.contains(UInt8(ascii: "\n")) else {
        return RPCError(code: .invalidArgument, message: "metadata '\(key)' contains a line break")
      }
      byteCount += key.utf8.count + text.utf8.count + 2
    }
    guard byteCount <= FrameCodec.largestMetadataBytes else {
      return RPCError(
        code: .resourceExhausted,
        message: "the metadata has \(byteCount) bytes; at most \(FrameCodec.largestMetadataBytes) are allowed"
      )
    }
    return nil
  }
}
