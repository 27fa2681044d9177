/// A media type (RFC 2046) with its parameters; names in lower case, because they don't depend on it.
package struct MediaType: Hashable, Sendable {
  /// e.g. `application/json`.
  package let essence: String
  package let parameters: [String: String]

  /// - Returns: nil where the text isn't `type/subtype` followed by well-formed parameters.
  package init?(_ text: String) {
    var rest = Substring(text).utf8
    let type = MediaType.takeToken(&rest)
    guard !type.isEmpty, rest.popFirst() == UInt8(ascii: "/") else { return nil }
    let subtype = MediaType.takeToken(&rest)
    guard !subtype.isEmpty else { return nil }
    var parameters: [String: String] = [:]
    MediaType.skipSpace(&rest)
    while let next = rest.popFirst() {
      guard next == UInt8(ascii: ";") else { return nil }
      MediaType.skipSpace(&rest)
      // A trailing semicolon is common enough on the web to be let through.
      if rest.isEmpty { break }
      let name = MediaType.takeToken(&rest)
      guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
      guard let value = MediaType.takeValue(&rest) else { return nil }
      parameters[name.lowercased()] = value
      MediaType.skipSpace(&rest)
    }
    essence = "\(type)/\(subtype)".lowercased()
    self.parameters = parameters
  }

  /// Whether what it describes is JSON (json-format.md, 3.1: subtype `json` or the suffix `+json`).
  package var isJSON: Bool { essence.hasSuffix("/json") || essence.hasSuffix("+json") }

  /// Whether its characters are UTF-8: said, left unsaid, or said as its subset ASCII.
  package var isUTF8: Bool {
    ["utf-8", "utf8", "us-ascii"].contains(parameters["charset", default: "utf-8"].lowercased())
  }

  private static func takeToken(_ rest: inout Substring.UTF8View) -> String {
    let token = rest.prefix { isLetter($0) || isDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    rest = rest[token.endIndex...]
    return String(Substring(token))
  }

  private static func takeValue(_ rest: inout Substring.UTF8View) -> String? {
    guard rest.first == UInt8(ascii: "\"") else {
      let token = takeToken(&rest)
      return token.isEmpty ? nil : token
    }
    rest.removeFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped)
      default: value.append(byte)
      }
    }
    return nil
  }

  private static func skipSpace(_ rest: inout Substring.UTF8View) {
    rest = rest[rest.prefix { $0 == 0x20 || $0 == 0x09 }.endIndex...]
  }
}
