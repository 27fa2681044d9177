import Contracts
import Foundation

/// How a request's path, query and body become the one message that a method takes, told by that message's schema.
///
/// A member that stands in the path is left out of query and body. Where the message wraps the thing that is sent
/// (`SetTeam { team }`), the body is the thing.
struct RouteInput: Sendable {
  struct Parameter: Sendable {
    let name: String
    let schema: JSONValue
    let isRequired: Bool
  }

  let path: [Parameter]
  let query: [Parameter]
  /// Nil for questions.
  let body: JSONValue?
  let wrapper: String?
  private let bodyMembers: Set<String>

  /// - Throws: what keeps the type from being described.
  init(
    _ type: any (Codable & Sendable).Type,
    in template: String,
    hasBody: Bool,
    wrapper: String? = nil
  ) throws {
    let names = template.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    let whole = try JSONSchema.describing(type)
    let schema = wrapper.flatMap { whole["properties"]?[$0] } ?? whole
    let properties = schema["properties"]?.members ?? [:]
    let required = Set(schema["required"]?.elements.compactMap(\.string) ?? [])
    path = names.map { Parameter(name: $0, schema: properties[$0] ?? ["type": "string"], isRequired: true) }
    let rest = properties.filter { !names.contains($0.key) }
    self.wrapper = wrapper
    bodyMembers = Set(rest.keys)
    guard hasBody else {
      query = rest.sorted { $0.key < $1.key }
        .map { Parameter(name: $0.key, schema: $0.value, isRequired: required.contains($0.key)) }
      body = nil
      return
    }
    query = []
    body = [
      "type": "object", "properties": .object(rest),
      "required": .array(required.subtracting(names).sorted().map(JSONValue.string)), "additionalProperties": false,
    ]
  }

  /// The message.
  /// - Throws: INVALID_ARGUMENT for a parameter or member that isn't known or can't be read.
  func message(
    path values: [String: String],
    query items: [(name: String, value: String)],
    body bytes: [UInt8]
  ) throws(Fault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for parameter in path { members[parameter.name] = values[parameter.name].map(JSONValue.string) }
    if body == nil {
      for (name, value) in try grouped(items) { members[name] = value }
    } else {
      guard items.isEmpty else {
        throw Fault(
          .invalidArgument,
          reason: "unknownParameter",
          "This takes its fields in the body, not in the query.",
          field: items.first?.name
        )
      }
      for (name, value) in try object(bytes) { members[name] = value }
    }
    return wrapper.map { .object([$0: .object(members)]) } ?? .object(members)
  }

  private func object(_ bytes: [UInt8]) throws(Fault) -> [String: JSONValue] {
    let value: JSONValue
    do {
      value = bytes.isEmpty ? [:] : try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch {
      throw Fault(.invalidArgument, reason: "malformedJSON", "The body is no JSON: \(error.explanation)")
    }
    guard case .object(let members) = value else {
      throw Fault(.invalidArgument, reason: "malformedBody", "The body has to be a JSON object.")
    }
    if let stranger = members.keys.sorted().first(where: { !bodyMembers.contains($0) }) {
      throw Fault(
        .invalidArgument,
        reason: "unknownField",
        "There is no field '\(stranger)' here; known are \(bodyMembers.sorted().joined(separator: ", ")).",
        field: stranger
      )
    }
    return members
  }

  private func grouped(_ items: [(name: String, value: String)]) throws(Fault) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    for (name, text) in items {
      guard let parameter = query.first(where: { $0.name == name }) else {
        let known = query.map(\.name).joined(separator: ", ")
        throw Fault(
          .invalidArgument,
          reason: "unknownParameter",
          "There is no parameter '\(name)' here; \(known.isEmpty ? "none is known" : "known are \(known)").",
          field: name
        )
      }
      if parameter.schema["type"]?.string == "array" {
        let texts = text.split(separator: ",").map { JSONValue.string(String($0)) }
        members[name] = .array((members[name]?.elements ?? []) + texts)
      } else {
        members[name] = try parameter.value(of: text)
      }
    }
    return members
  }
}

extension RouteInput.Parameter {
  fileprivate func value(of text: String) throws(Fault) -> JSONValue {
    switch schema["type"]?.string {
    case "integer":
      if let number = Int64(text) { return .integer(number) }
    case "number":
      if let number = Double(text), number.isFinite { return .number(number) }
    case "boolean":
      if let flag = Bool(text) { return .bool(flag) }
    default: return .string(text)
    }
    throw Fault(
      .invalidArgument,
      reason: "malformedParameter",
      "'\(text)' is no \(schema["type"]?.string ?? "value"), which '\(name)' has to be.",
      field: name
    )
  }
}

extension JSONValue {
  var members: [String: JSONValue] {
    if case .object(let members) = self { members } else { [:] }
  }

  var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }
}

extension Error {
  /// What a decoder has to say, without the type's names.
  fileprivate var explanation: String {
    guard let error = self as? DecodingError, case .dataCorrupted(let context) = error else { return "\(self)" }
    let cause = (context.underlyingError as? NSError)?.userInfo[NSDebugDescriptionErrorKey] as? String
    return cause ?? context.debugDescription
  }
}
