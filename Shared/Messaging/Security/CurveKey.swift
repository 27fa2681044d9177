import CZeroMQ

/// A CURVE public key (CurveZMQ, RFC 26: a point of Curve25519): 32 bytes, written as 40 characters of Z85 (RFC 32).
package struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
  /// The 40 characters.
  package let description: String

  /// - Returns: nil for anything but 40 characters of Z85.
  package init?(_ text: String) {
    guard Z85.bytes(of: text) != nil else { return nil }
    description = text
  }

  /// - Returns: nil unless there are 32 bytes.
  init?(bytes: [UInt8]) {
    guard let text = Z85.text(of: bytes) else { return nil }
    description = text
  }

  /// The 32 bytes.
  var bytes: [UInt8] {
    // The initialisers let nothing in that can't be decoded.
    Z85.bytes(of: description) ?? []
  }
}

/// A CURVE secret key: 32 bytes that are never shown, whoever prints, logs or dumps the value.
package struct CurveSecretKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  let bytes: [UInt8]

  /// - Returns: nil for anything but 40 characters of Z85.
  package init?(_ text: String) {
    guard let bytes = Z85.bytes(of: text) else { return nil }
    self.bytes = bytes
  }

  package var description: String { "(hidden)" }
  package var debugDescription: String { "(hidden)" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The 40 characters, for the one place where they belong: the key file.
  var revealed: String { Z85.text(of: bytes) ?? "" }
}

/// The two keys by which a program proves who it is.
package struct CurveKeyPair: Hashable, Sendable {
  package let publicKey: CurvePublicKey
  package let secretKey: CurveSecretKey

  /// The pair that a secret key belongs to: its public key follows from it.
  package init(_ secretKey: CurveSecretKey) throws(ZeroMQError) {
    var text = [CChar](repeating: 0, count: Z85.characterCount + 1)
    guard zmq_curve_public(&text, secretKey.revealed) == 0 else { throw .last(.makeKeys) }
    guard let publicKey = CurvePublicKey(String(terminated: text)) else { throw ZeroMQError(.makeKeys, .system(0)) }
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// A new pair, from the system's source of randomness.
  package static func random() throws(ZeroMQError) -> CurveKeyPair {
    var publicText = [CChar](repeating: 0, count: Z85.characterCount + 1)
    var secretText = [CChar](repeating: 0, count: Z85.characterCount + 1)
    guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last(.makeKeys) }
    guard let secret = CurveSecretKey(String(terminated: secretText)) else { throw ZeroMQError(.makeKeys, .system(0)) }
    return try CurveKeyPair(secret)
  }
}

/// ZeroMQ's base-85 encoding (RFC 32) of 32 bytes.
private enum Z85 {
  static let byteCount = 32
  static let characterCount = 40

  static func bytes(of text: String) -> [UInt8]? {
    guard text.utf8.count == characterCount, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    guard zmq_z85_decode(&bytes, text) != nil else { return nil }
    return bytes
  }

  static func text(of bytes: [UInt8]) -> String? {
    guard bytes.count == byteCount else { return nil }
    var text = [CChar](repeating: 0, count: characterCount + 1)
    guard zmq_z85_encode(&text, bytes, byteCount) != nil else { return nil }
    return String(terminated: text)
  }
}

extension String {
  /// The text before the terminating zero.
  fileprivate init(terminated characters: [CChar]) {
    self.init(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
