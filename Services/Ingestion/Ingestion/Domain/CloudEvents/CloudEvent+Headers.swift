package import Contracts

extension CloudEvent {
  /// Reads an event in the binary content mode of the HTTP binding (http-protocol-binding.md, 3.1): attributes in
  /// `ce-` headers, the payload in the body, its type in `Content-Type`.
  /// - Parameter headers: names and values in the order they came; other headers than `ce-` are passed over.
  /// - Throws: `Fault`; `field` is the header's name where a header is at fault, else the attribute's.
  package init(headers: [(name: String, value: String)], contentType: String?, body: [UInt8]) throws(Fault) {
    var attributes: [String: JSONValue] = [:]
    for (header, value) in headers {
      let lowered = header.lowercased()
      guard lowered.hasPrefix("ce-") else { continue }
      let name = String(lowered.dropFirst(3))
      guard name != "datacontenttype" else {
        throw Fault(
          .invalidArgument,
          reason: "invalidHeader",
          "The payload's type stands in Content-Type, not in '\(lowered)'.",
          field: lowered
        )
      }
      guard attributes.updateValue(.string(try HeaderValue.decoded(value, lowered)), forKey: name) == nil else {
        throw Fault(.invalidArgument, reason: "invalidHeader", "The header '\(lowered)' stands twice.", field: lowered)
      }
    }
    if let contentType { attributes["datacontenttype"] = .string(contentType) }
    try self.init(attributes: attributes, payload: body.isEmpty ? nil : .bytes(body))
  }
}

/// The text of an attribute, as the HTTP binding puts it into a header (http-protocol-binding.md, 3.1.3.2).
enum HeaderValue {
  /// Undoes quoting, then percent-encoding, and insists on well-formed UTF-8.
  static func decoded(_ value: String, _ header: String) throws(Fault) -> String {
    var bytes: [UInt8] = []
    var rest = try unquoted(value, header)[...]
    while let byte = rest.popFirst() {
      guard (0x20...0x7E).contains(byte) else {
        throw Fault(
          .invalidArgument,
          reason: "invalidHeader",
          "The header '\(header)' holds a raw byte \(byte); characters outside printable ASCII are percent-encoded.",
          field: header
        )
      }
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimalValue), let low = rest.popFirst().flatMap(hexadecimalValue)
      else {
        throw Fault(
          .invalidArgument,
          reason: "invalidHeader",
          "The header '\(header)' has a '%' without two hexadecimal digits behind it.",
          field: header
        )
      }
      bytes.append(high << 4 | low)
    }
    if let offset = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw Fault(
        .invalidArgument,
        reason: "invalidHeader",
        "The header '\(header)' decodes to invalid UTF-8: byte \(offset) is overlong, cut off or out of place.",
        field: header
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unquoted(_ value: String, _ header: String) throws(Fault) -> [UInt8] {
    let bytes = Array(value.utf8)
    guard bytes.first == UInt8(ascii: "\"") else { return bytes }
    var text: [UInt8] = []
    var rest = bytes.dropFirst()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\""), rest.isEmpty { return text }
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard let escaped = rest.popFirst() else { break }
      text.append(escaped)
    }
    throw Fault(
      .invalidArgument,
      reason: "invalidHeader",
      "The header '\(header)' opens a quote that isn't closed at its end.",
      field: header
    )
  }
}
