/// What a `SpecimenDecoder` has learned about the type it is decoding.
final class SchemaNotes {
  var schema: JSONValue?
  fileprivate var properties: [String: JSONValue] = [:]
  fileprivate var required: [String] = []

  fileprivate func note(_ name: String, _ part: SchemaNotes, isRequired: Bool) {
    properties[name] = part.schema ?? .object([:])
    if isRequired { required.append(name) }
    schema = [
      "type": "object", "properties": .object(properties),
      "required": .array(required.sorted().map(JSONValue.string)),
    ]
  }
}

/// Answers whatever a type asks for while decoding itself, and notes what it asked for.
struct SpecimenDecoder: Decoder {
  let notes: SchemaNotes
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let describing = type as? any SchemaDescribing.Type, let specimen = describing.specimen as? Value {
      notes.schema = describing.schema
      return specimen
    }
    return try Value(from: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(SpecimenFields(notes: notes))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { SpecimenElements(notes: notes) }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { SpecimenValue(notes: notes) }
}

extension SchemaNotes {
  fileprivate func scalar<Value>(_ schema: JSONValue, _ value: Value) -> Value {
    self.schema = schema
    return value
  }
}

/// One scalar, or whatever type stands in its place.
private struct SpecimenValue: SingleValueDecodingContainer {
  let notes: SchemaNotes
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { false }
  func decode(_ type: Bool.Type) throws -> Bool { notes.scalar(["type": "boolean"], true) }
  func decode(_ type: String.Type) throws -> String { notes.scalar(["type": "string"], "text") }
  func decode(_ type: Double.Type) throws -> Double { notes.scalar(["type": "number"], 0.5) }
  func decode(_ type: Float.Type) throws -> Float { notes.scalar(["type": "number"], 0.5) }
  func decode(_ type: Int.Type) throws -> Int { notes.scalar(["type": "integer"], 1) }
  func decode(_ type: Int8.Type) throws -> Int8 { notes.scalar(["type": "integer"], 1) }
  func decode(_ type: Int16.Type) throws -> Int16 { notes.scalar(["type": "integer"], 1) }
  func decode(_ type: Int32.Type) throws -> Int32 { notes.scalar(["type": "integer"], 1) }
  func decode(_ type: Int64.Type) throws -> Int64 { notes.scalar(["type": "integer"], 1) }
  func decode(_ type: UInt.Type) throws -> UInt { notes.scalar(["type": "integer", "minimum": 0], 1) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { notes.scalar(["type": "integer", "minimum": 0], 1) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { notes.scalar(["type": "integer", "minimum": 0], 1) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { notes.scalar(["type": "integer", "minimum": 0], 1) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { notes.scalar(["type": "integer", "minimum": 0], 1) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try SpecimenDecoder(notes: notes).value(type) }
}

/// A list of one.
private struct SpecimenElements: UnkeyedDecodingContainer {
  let notes: SchemaNotes
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 1 }
  private(set) var currentIndex = 0
  var isAtEnd: Bool { currentIndex > 0 }

  init(notes: SchemaNotes) {
    self.notes = notes
    notes.schema = ["type": "array"]
  }

  mutating func decodeNil() throws -> Bool { false }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    currentIndex += 1
    let element = SchemaNotes()
    let value = try SpecimenDecoder(notes: element).value(type)
    notes.schema = ["type": "array", "items": element.schema ?? .object([:])]
    return value
  }

  mutating func nestedContainer<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    throw unsupported("a nested container in a list")
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw unsupported("a list in a list")
  }
  mutating func superDecoder() throws -> any Decoder { throw unsupported("a super decoder") }
}

/// The fields of an object, or the one entry of a dictionary.
private struct SpecimenFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let notes: SchemaNotes
  var codingPath: [any CodingKey] { [] }
  /// Only dictionaries ask which keys there are.
  var allKeys: [Key] { [Key(stringValue: "key")].compactMap(\.self) }

  init(notes: SchemaNotes) {
    self.notes = notes
    notes.schema = ["type": "object"]
  }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try field(type, key, isRequired: true)
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try field(type, key, isRequired: false)
  }
  // The scalar forms have defaults of their own that would call every field required.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try field(type, key, isRequired: false) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try field(type, key, isRequired: false)
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try field(type, key, isRequired: false)
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try field(type, key, isRequired: false) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    try field(type, key, isRequired: false)
  }

  private func field<Value: Decodable>(_ type: Value.Type, _ key: Key, isRequired: Bool) throws -> Value {
    let part = SchemaNotes()
    let value = try SpecimenDecoder(notes: part).value(type)
    // The standard library's key for dictionaries is private; its name is all that tells it apart.
    if "\(Key.self)".hasPrefix("_DictionaryCodingKey") {
      notes.schema = ["type": "object", "additionalProperties": part.schema ?? .object([:])]
    } else {
      notes.note(key.stringValue, part, isRequired: isRequired)
    }
    return value
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    throw unsupported("a nested container")
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw unsupported("a nested list")
  }
  func superDecoder() throws -> any Decoder { throw unsupported("a super decoder") }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported("a super decoder") }
}

private func unsupported(_ what: String) -> DecodingError {
  .dataCorrupted(.init(codingPath: [], debugDescription: "\(what) needs a SchemaDescribing conformance"))
}
