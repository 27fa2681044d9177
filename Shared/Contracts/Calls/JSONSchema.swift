import Foundation

/// Describes Codable types as JSON Schema (2020-12), and makes specimens of them.
///
/// It decodes the type from a decoder that answers every question and takes notes: so the description is what the
/// type really reads, and can't fall behind it. Types with an encoding of their own say what it is themselves, as
/// `SchemaDescribing`.
public enum JSONSchema {
  /// - Throws: what the type's `init(from:)` throws when the specimen values aren't to its taste.
  public static func describing<Value: Decodable>(_ type: Value.Type) throws -> JSONValue {
    let notes = SchemaNotes()
    _ = try SpecimenDecoder(notes: notes).value(type)
    return notes.schema ?? .object([:])
  }

  /// A value with every optional field present and one element in every list; the same on every call.
  /// - Throws: what the type's `init(from:)` throws when the specimen values aren't to its taste.
  public static func specimen<Value: Decodable>(of type: Value.Type) throws -> Value {
    try SpecimenDecoder(notes: SchemaNotes()).value(type)
  }
}

/// A type whose JSON can't be told from how it decodes, e.g. text in a format of its own.
public protocol SchemaDescribing: Decodable {
  static var schema: JSONValue { get }
  static var specimen: Self { get }
}

extension ID: SchemaDescribing {
  public static var schema: JSONValue {
    ["type": "string", "minLength": 1, "maxLength": .integer(Int64(longestLength))]
  }
  public static var specimen: Self { ID("\(Entity.self)-1") }
}

extension Timestamp: SchemaDescribing {
  public static var schema: JSONValue { ["type": "string", "format": "date-time"] }
  public static var specimen: Self { Timestamp(milliseconds: 1_782_985_445_123) }
}

extension Money: SchemaDescribing {
  public static var schema: JSONValue {
    [
      "type": "object", "required": ["amount", "currency"],
      "properties": [
        "amount": ["type": "string", "pattern": #"^-?[0-9]+(\.[0-9]+)?$"#],
        "currency": ["type": "string", "pattern": "^[A-Z]{3}$"],
      ],
    ]
  }
  public static var specimen: Self { Money(amount: 1250, currency: "EUR") }
}

extension Open: SchemaDescribing where Known: CaseIterable {
  /// The known values are examples and no limit: the set is open.
  public static var schema: JSONValue {
    ["type": "string", "examples": .array(Known.allCases.map { .string($0.rawValue) })]
  }
  public static var specimen: Self {
    Known.allCases.first.map(Open.known) ?? .unknown("unknown")
  }
}

extension StreamName: SchemaDescribing {
  public static var schema: JSONValue { ["type": "string", "pattern": "^[a-z0-9.-]{1,24}$"] }
  public static var specimen: Self { .ingestion }
}

extension EventType: SchemaDescribing {
  public static var schema: JSONValue { ["type": "string"] }
  public static var specimen: Self { FeedbackRecorded.type }
}

extension StatusCode: SchemaDescribing {
  public static var schema: JSONValue {
    ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })]
  }
  public static var specimen: Self { .invalidArgument }
}

extension JSONValue: SchemaDescribing {
  public static var schema: JSONValue { .bool(true) }
  public static var specimen: Self { ["any": "value"] }
}

extension PartitionSet: SchemaDescribing {
  public static var schema: JSONValue { ["type": "string", "examples": ["0-31,40", "all", "none"]] }
  public static var specimen: Self { PartitionSet(bits: 0b1101) }
}

extension ParcelValue: SchemaDescribing {
  public static var schema: JSONValue { ["type": ["null", "string", "object"]] }
  public static var specimen: Self { .text("text") }
}
