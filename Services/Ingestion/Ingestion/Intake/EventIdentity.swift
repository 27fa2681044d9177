package import Contracts
import Crypto
import Foundation

/// Names that follow from what they name, so that a repeat gets the same one anywhere and at any time.
package enum EventIdentity {
  /// Hexadecimal digits of an id: 128 bits, beyond what chance could ever make collide.
  private static let digits = 32

  /// The identity of a CloudEvent: SHA-256 over the length of `source` in bytes (64 bits, big-endian), `source` and
  /// `id`, as the first 32 hexadecimal digits. The length keeps `ab` + `c` apart from `a` + `bc`.
  package static func id<Entity>(source: String, id: String) -> ID<Entity> {
    var hash = SHA256()
    withUnsafeBytes(of: UInt64(source.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
    hash.update(data: Data(source.utf8))
    hash.update(data: Data(id.utf8))
    return ID(String(hexadecimal(hash.finalize()).prefix(digits)))
  }

  /// SHA-256 of a raw payload in hexadecimal.
  package static func rawHash(_ payload: [UInt8]) -> String {
    hexadecimal(SHA256.hash(data: payload))
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(64)
    let alphabet = Array("0123456789abcdef".utf8)
    for byte in bytes {
      text.append(alphabet[Int(byte >> 4)])
      text.append(alphabet[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Hashes references to people with a key that never leaves this service: the same customer is recognised again, but
/// nobody without the key can find out who it is, not even by trying all phone numbers there are.
package struct ReferenceKey: Sendable {
  private let key: SymmetricKey

  /// Bytes of a key that is made here: as long as the hash, as RFC 2104, section 3 advises.
  package static let byteCount = 32

  package init(_ bytes: [UInt8]) {
    key = SymmetricKey(data: bytes)
  }

  /// HMAC-SHA-256 over programme and reference, as 32 hexadecimal digits. Within the hash the programme keeps one
  /// customer of two brands from being put together.
  package func customer(_ reference: String, programme: ID<Programme>) -> ID<Customer> {
    ID(hashed("customer", programme.rawValue, reference))
  }

  /// The same for interactions, which are only ever counted.
  package func interaction(_ id: ID<Interaction>, programme: ID<Programme>) -> String {
    hashed("interaction", programme.rawValue, id.rawValue)
  }

  /// Tells keys apart without giving them away.
  package var fingerprint: String { hashed("fingerprint") }

  private func hashed(_ parts: String...) -> String {
    var code = HMAC<SHA256>(key: key)
    for part in parts {
      withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { code.update(data: Data($0)) }
      code.update(data: Data(part.utf8))
    }
    return String(EventIdentity.hexadecimal(code.finalize()).prefix(32))
  }
}
