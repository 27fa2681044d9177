package import Crypto

/// The hash that ties a frame to everything before it in its stream (SHA-256, FIPS 180-4).
///
/// Two journals that show the same hash at the same position hold the same history, bodies included by their
/// checksums.
package struct ChainHash: Hashable, Sendable {
  // Four words rather than an array: compared and copied without touching the heap.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// Bytes of a hash.
  package static let byteCount = 32

  /// What stands before the first record: 32 zero bytes.
  package static let genesis = ChainHash(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) {
    self.words = words
  }

  /// - Returns: nil unless `bytes` is exactly `byteCount` long.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == ChainHash.byteCount else { return nil }
    self = .genesis
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  init(loading bytes: UnsafeRawBufferPointer, at offset: Int) {
    self = .genesis
    withUnsafeMutableBytes(of: &words) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + ChainHash.byteCount]))
    }
  }

  package init(_ digest: SHA256.Digest) {
    self = digest.withUnsafeBytes { ChainHash(loading: $0, at: 0) }
  }

  /// The hash as bytes, in the order of the digest.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Swift.withUnsafeBytes(of: words) { (bytes) throws(Failure) in try body(bytes) }
  }

  package static func == (one: Self, other: Self) -> Bool { one.words == other.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
  }
}

extension ChainHash: LosslessStringConvertible {
  /// 64 lower-case hexadecimal digits, in the order of the digest's bytes.
  package var description: String {
    withUnsafeBytes { bytes in
      String(unsafeUninitializedCapacity: 64) { text in
        for (index, byte) in bytes.enumerated() {
          text[2 * index] = ChainHash.digit(byte >> 4)
          text[2 * index + 1] = ChainHash.digit(byte & 15)
        }
        return 64
      }
    }
  }

  package init?(_ description: String) {
    let digits = description.utf8.compactMap(ChainHash.value(ofDigit:))
    guard digits.count == 64, description.utf8.count == 64 else { return nil }
    self.init(stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

extension ChainHash: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let hash = ChainHash(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "a chain hash is 64 lower-case hexadecimal digits, not '\(text)'"
      )
    }
    self = hash
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
