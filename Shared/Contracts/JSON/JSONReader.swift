/// A strict reader of JSON (RFC 8259) that knows what it dislikes and where.
///
/// Foundation's decoder keeps the last of two members of one name, follows nesting as deep as its own limit and says
/// little of the place of a mistake; what strangers send us deserves better on all three counts.
package struct JSONReader {
  /// The deepest nesting of arrays and objects that is read.
  package static let deepestNesting = 32

  /// The reasons of its faults.
  package static let reasons: Set<String> = [
    "invalidUTF8", "truncatedJSON", "malformedJSON", "duplicateMember", "nestedTooDeeply", "numberOutOfRange",
  ]

  let bytes: [UInt8]
  var at = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads one JSON text.
  /// - Throws: `Fault` with reason `invalidUTF8`, `truncatedJSON`, `malformedJSON`, `duplicateMember`,
  ///   `nestedTooDeeply` or `numberOutOfRange`; its message names the byte, its field the path.
  package static func value(of bytes: [UInt8]) throws(Fault) -> JSONValue {
    try requireUTF8(bytes)
    var reader = JSONReader(bytes)
    let value = try reader.value()
    try reader.requireEnd()
    return value
  }

  /// Reads a JSON array and says which bytes each element took, so that each can be kept as it came.
  /// - Throws: as `value(of:)`, and `batchNotArray` where the text is something else.
  package static func elements(of bytes: [UInt8]) throws(Fault) -> [(value: JSONValue, bytes: Range<Int>)] {
    try requireUTF8(bytes)
    var reader = JSONReader(bytes)
    reader.skipSpace()
    guard reader.peek() == UInt8(ascii: "[") else {
      if reader.peek() == nil { throw reader.truncated("a JSON array of events") }
      throw Fault(.invalidArgument, reason: "batchNotArray", "A batch of CloudEvents is a JSON array of objects.")
    }
    var elements: [(value: JSONValue, bytes: Range<Int>)] = []
    reader.depth = 1
    try reader.array { (reader, _) throws(Fault) in
      let start = reader.at
      let value = try reader.value()
      elements.append((value, start..<reader.at))
    }
    try reader.requireEnd()
    return elements
  }

  private static func requireUTF8(_ bytes: [UInt8]) throws(Fault) {
    guard let offset = UTF8Validation.firstInvalidOffset(in: bytes) else { return }
    throw Fault(
      .invalidArgument,
      reason: "invalidUTF8",
      "The JSON is not valid UTF-8: byte \(offset) can't stand where it does."
    )
  }

  // MARK: Values

  mutating func value() throws(Fault) -> JSONValue {
    skipSpace()
    guard let byte = peek() else { throw truncated("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { (reader) throws(Fault) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(Fault) in try reader.arrayValue() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw malformed("a value", found: byte)
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws(Fault) -> JSONValue
  ) throws(Fault) -> JSONValue {
    guard depth < JSONReader.deepestNesting else {
      throw Fault(
        .invalidArgument,
        reason: "nestedTooDeeply",
        "The JSON nests more than \(JSONReader.deepestNesting) levels deep at byte \(at)."
      )
    }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  private mutating func arrayValue() throws(Fault) -> JSONValue {
    var elements: [JSONValue] = []
    try array { (reader, _) throws(Fault) in elements.append(try reader.value()) }
    return .array(elements)
  }

  private mutating func array(
    element: (inout JSONReader, Int) throws(Fault) -> Void
  ) throws(Fault) {
    at += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return }
    var index = 0
    while true {
      skipSpace()
      do throws(Fault) {
        try element(&self, index)
      } catch {
        throw error.within("[\(index)]")
      }
      skipSpace()
      if take(UInt8(ascii: "]")) { return }
      try expect(UInt8(ascii: ","), "',' or ']'")
      index += 1
    }
  }

  private mutating func object() throws(Fault) -> JSONValue {
    at += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes") }
      let start = at
      let name = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"), "':' after the name '\(name)'")
      do throws(Fault) {
        guard members.updateValue(try value(), forKey: name) == nil else {
          throw Fault(
            .invalidArgument,
            reason: "duplicateMember",
            "The member '\(name)' stands twice in one object, the second time at byte \(start)."
          )
        }
      } catch {
        throw error.within(name)
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      try expect(UInt8(ascii: ","), "',' or '}'")
    }
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Fault) -> JSONValue {
    for offset in 0..<word.utf8CodeUnitCount {
      try expect(word.utf8Start[offset], "'\(word)'")
    }
    return value
  }

  // MARK: Bytes

  func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    at += 1
    return true
  }

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(Fault) {
    guard take(byte) else { throw unexpected(what) }
  }

  private mutating func requireEnd() throws(Fault) {
    skipSpace()
    guard peek() == nil else { throw unexpected("the end, because the value was complete") }
  }

  func unexpected(_ expected: String) -> Fault {
    peek().map { malformed(expected, found: $0) } ?? truncated(expected)
  }

  func truncated(_ expected: String) -> Fault {
    Fault(
      .invalidArgument,
      reason: "truncatedJSON",
      "The JSON ends after \(bytes.count) bytes where \(expected) should follow."
    )
  }

  func malformed(_ expected: String, found byte: UInt8) -> Fault {
    let shown = (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte \(byte)"
    return Fault(
      .invalidArgument,
      reason: "malformedJSON",
      "The JSON has \(shown) at byte \(at) where \(expected) should stand."
    )
  }
}
