package import Contracts

/// An event as CloudEvents 1.0.2 defines it, whatever form it came in.
package struct CloudEvent: Hashable, Sendable {
  package var id: String
  package var source: String
  package var type: String
  package var subject: String?
  package var time: Timestamp?
  package var dataContentType: String?
  package var dataSchema: String?
  package var extensions: [String: Extension]
  package var payload: Payload?

  /// The types of CloudEvents' type system (spec.md, "Type System") that JSON can tell apart.
  package enum Extension: Hashable, Sendable {
    case string(String)
    case boolean(Bool)
    case integer(Int32)
  }

  package enum Payload: Hashable, Sendable {
    case json(JSONValue)
    case bytes([UInt8])
  }

  /// The only version of the specification that is understood.
  package static let specVersion = "1.0"
  /// The longest `id` or `source`, in UTF-8 bytes. CloudEvents names no limit, a dedup key needs one.
  package static let longestKey = 1024
  /// The longest other attribute, in UTF-8 bytes; CloudEvents asks consumers for 4 KiB at least, for all in sum.
  package static let longestAttribute = 4096
}

extension CloudEvent {
  /// Checks attributes that came as JSON values (structured form) or as strings (headers).
  /// - Throws: `Fault` with one reason for each way of being wrong; `field` is the attribute's name.
  init(attributes: [String: JSONValue], payload: Payload?) throws(Fault) {
    let given = AttributeReader(attributes)
    try given.requireKnownSpecVersion()
    id = try given.required("id", atMost: CloudEvent.longestKey)
    source = try given.required("source", atMost: CloudEvent.longestKey)
    try AttributeRules.requireURIReference(source, "source")
    type = try given.required("type")
    subject = try given.optional("subject")
    time = try given.time()
    dataContentType = try given.optional("datacontenttype")
    if let dataContentType { try AttributeRules.requireMediaType(dataContentType) }
    dataSchema = try given.optional("dataschema")
    if let dataSchema { try AttributeRules.requireURI(dataSchema, "dataschema") }
    extensions = try given.extensions()
    self.payload = payload
  }

  /// W3C Trace Context, where the event carries it as an extension that can be read.
  package var trace: TraceContext? {
    guard case .string(let text)? = extensions["traceparent"] else { return nil }
    return TraceContext(text)
  }
}

/// Reads attributes one by one.
private struct AttributeReader {
  private let attributes: [String: JSONValue]

  init(_ attributes: [String: JSONValue]) {
    self.attributes = attributes
  }

  func requireKnownSpecVersion() throws(Fault) {
    let version = try required("specversion")
    guard version == CloudEvent.specVersion else {
      throw Fault(
        .invalidArgument,
        reason: "unknownSpecVersion",
        "CloudEvents version '\(version.prefix(20))' isn't known here; '\(CloudEvent.specVersion)' is.",
        field: "specversion"
      )
    }
  }

  func required(_ name: String, atMost limit: Int = CloudEvent.longestAttribute) throws(Fault) -> String {
    guard let value = try optional(name, atMost: limit) else {
      throw Fault(
        .invalidArgument,
        reason: "missingAttribute",
        "The required attribute '\(name)' is missing.",
        field: name
      )
    }
    return value
  }

  /// Null counts as not there (json-format.md, 2.2): for an optional attribute it is the same as leaving it out.
  func optional(_ name: String, atMost limit: Int = CloudEvent.longestAttribute) throws(Fault) -> String? {
    switch attributes[name] {
    case nil, .null?: return nil
    case .string(let text)?:
      guard !text.isEmpty else {
        throw Fault(
          .invalidArgument,
          reason: "emptyAttribute",
          "The attribute '\(name)' is there but empty; give it a value or leave it out.",
          field: name
        )
      }
      try AttributeRules.requireString(text, name, atMost: limit)
      return text
    case let value?:
      throw Fault(
        .invalidArgument,
        reason: "wrongAttributeType",
        "The attribute '\(name)' is \(value.kindOfValue); it must be a string.",
        field: name
      )
    }
  }

  func time() throws(Fault) -> Timestamp? {
    guard let text = try optional("time") else { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidTime",
        "'\(text.prefix(40))' is not an RFC 3339 time with seconds and an offset, such as 2026-11-22T15:04:05Z.",
        field: "time"
      )
    }
    return time
  }

  /// All that CloudEvents doesn't name itself, in the order of their names so that the first fault is always the same.
  func extensions() throws(Fault) -> [String: CloudEvent.Extension] {
    var found: [String: CloudEvent.Extension] = [:]
    for name in attributes.keys.filter({ !AttributeRules.coreNames.contains($0) }).sorted() {
      try AttributeRules.requireName(name)
      switch attributes[name] {
      case nil, .null?: continue
      case .bool(let bool)?: found[name] = .boolean(bool)
      case .integer(let whole)?:
        guard let integer = Int32(exactly: whole) else {
          throw Fault(
            .invalidArgument,
            reason: "integerOutOfRange",
            "The extension '\(name)' is \(whole), which doesn't fit CloudEvents' 32-bit integers.",
            field: name
          )
        }
        found[name] = .integer(integer)
      case .string(let text)?:
        try AttributeRules.requireString(text, name, atMost: CloudEvent.longestAttribute)
        found[name] = .string(text)
      case .number(let number)?:
        throw Fault(
          .invalidArgument,
          reason: "wrongAttributeType",
          "The extension '\(name)' is \(number); CloudEvents has whole numbers only.",
          field: name
        )
      case let value?:
        throw Fault(
          .invalidArgument,
          reason: "wrongAttributeType",
          "The extension '\(name)' is \(value.kindOfValue); it must be a string, a boolean or a whole number.",
          field: name
        )
      }
    }
    return found
  }
}
