import Contracts

/// What CloudEvents 1.0.2 asks of names and values (spec.md, "Naming Conventions" and "Type System").
enum AttributeRules {
  static let coreNames: Set<String> = [
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
  ]

  static func requireName(_ name: String) throws(Fault) {
    let bytes = name.utf8
    guard !bytes.isEmpty, bytes.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidAttributeName",
        "'\(name.prefix(60))' can't name an attribute: only the lower-case letters a to z and digits may.",
        field: String(name.prefix(60))
      )
    }
    guard name != "data" else {
      throw Fault(
        .invalidArgument,
        reason: "invalidAttributeName",
        "'data' is the payload's name and can't name an attribute.",
        field: name
      )
    }
  }

  /// The type String: no control characters and no noncharacters (surrogates can't occur in Swift's strings).
  static func requireString(_ text: String, _ name: String, atMost limit: Int) throws(Fault) {
    guard text.utf8.count <= limit else {
      throw Fault(
        .invalidArgument,
        reason: "attributeTooLong",
        "The attribute '\(name)' has \(text.utf8.count) bytes; at most \(limit) are taken.",
        field: name
      )
    }
    guard let culprit = text.unicodeScalars.first(where: isForbidden) else { return }
    throw Fault(
      .invalidArgument,
      reason: "forbiddenCharacter",
      "The attribute '\(name)' holds \(culprit.codePoint), which CloudEvents forbids in strings.",
      field: name
    )
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    return value < 0x20 || (0x7F...0x9F).contains(value) || (0xFDD0...0xFDEF).contains(value)
      || value & 0xFFFE == 0xFFFE
  }

  /// RFC 3986, 4.1.
  static func requireURIReference(_ text: String, _ name: String) throws(Fault) {
    var hashes = 0
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "#") { hashes += 1 }
      let isEscape =
        byte == UInt8(ascii: "%") && index + 2 < bytes.count
        && hexadecimalValue(of: bytes[index + 1]) != nil && hexadecimalValue(of: bytes[index + 2]) != nil
      guard isEscape || isURICharacter(byte), hashes < 2 else {
        throw Fault(
          .invalidArgument,
          reason: "invalidURI",
          "'\(text.prefix(60))' is not a URI reference: byte \(index) has to be percent-encoded (RFC 3986).",
          field: name
        )
      }
    }
  }

  /// RFC 3986, 4.3: with a scheme.
  static func requireURI(_ text: String, _ name: String) throws(Fault) {
    try requireURIReference(text, name)
    let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
    let hasScheme =
      scheme.count < text.utf8.count && scheme.first.map(isLetter) == true
      && scheme.allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
    guard hasScheme else {
      throw Fault(
        .invalidArgument,
        reason: "invalidURI",
        "'\(text.prefix(60))' is not an absolute URI: it has no scheme.",
        field: name
      )
    }
  }

  /// RFC 2046 and 2045, 5.1: `type/subtype`, with parameters if need be.
  static func requireMediaType(_ text: String) throws(Fault) {
    guard MediaType(text) != nil else {
      throw Fault(
        .invalidArgument,
        reason: "invalidDataContentType",
        "'\(text.prefix(60))' is not a media type such as application/json.",
        field: "datacontenttype"
      )
    }
  }

  private static func isURICharacter(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "-._~:/?#[]@!$&'()*+,;=".utf8.contains(byte)
  }
}

func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

extension Unicode.Scalar {
  /// How to name a character that can't be shown, e.g. `U+0007`.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
