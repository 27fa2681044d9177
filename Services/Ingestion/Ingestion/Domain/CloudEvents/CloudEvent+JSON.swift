package import Contracts
import Foundation

extension CloudEvent {
  /// Reads an event in the JSON event format (CloudEvents 1.0.2, json-format.md).
  /// - Throws: `Fault`; `field` is the member's name.
  package init(json: JSONValue) throws(Fault) {
    guard case .object(var members) = json else {
      throw Fault(
        .invalidArgument,
        reason: "notAnObject",
        "A CloudEvent is a JSON object; this is \(json.kindOfValue)."
      )
    }
    let data = members.removeValue(forKey: "data") ?? .null
    let encoded = members.removeValue(forKey: "data_base64") ?? .null
    try self.init(attributes: members, payload: CloudEvent.payload(data: data, encoded: encoded))
  }

  private static func payload(data: JSONValue, encoded: JSONValue) throws(Fault) -> Payload? {
    guard encoded != .null else { return data == .null ? nil : .json(data) }
    guard data == .null else {
      throw Fault(
        .invalidArgument,
        reason: "dataTwice",
        "An event has 'data' or 'data_base64', never both.",
        field: "data_base64"
      )
    }
    guard case .string(let text) = encoded else {
      throw Fault(
        .invalidArgument,
        reason: "wrongAttributeType",
        "'data_base64' is \(encoded.kindOfValue); it must be a string.",
        field: "data_base64"
      )
    }
    guard let bytes = Data(base64Encoded: text) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidBase64",
        "'data_base64' is not base64 (RFC 4648, section 4).",
        field: "data_base64"
      )
    }
    return .bytes(Array(bytes))
  }

  /// Checks what only a batch as a whole can have wrong: all its events are of one version of the specification.
  /// - Throws: `Fault` with reason `mixedSpecVersions`, pointing at the first event that differs.
  package static func requireOneSpecVersion(_ batch: [JSONValue]) throws(Fault) {
    let versions = batch.enumerated().compactMap { index, event in
      event["specversion"]?.string.map { (index, $0) }
    }
    guard let (_, first) = versions.first, let (index, other) = versions.first(where: { $0.1 != first }) else { return }
    throw Fault(
      .invalidArgument,
      reason: "mixedSpecVersions",
      "A batch holds events of one specversion; this one has both '\(first.prefix(20))' and '\(other.prefix(20))'.",
      field: "[\(index)].specversion"
    )
  }

  /// The payload as a JSON value.
  /// - Throws: `Fault` where there is none, where `datacontenttype` says that it is something else, or where its bytes
  ///   are not JSON; `field` starts with `data`.
  package func jsonData() throws(Fault) -> JSONValue {
    if let text = dataContentType, let type = MediaType(text), !(type.isJSON && type.isUTF8) {
      throw Fault(
        .invalidArgument,
        reason: "unsupportedDataContentType",
        "Events of type '\(self.type)' carry JSON in UTF-8, not '\(text.prefix(60))'.",
        field: "datacontenttype"
      )
    }
    switch payload {
    case nil:
      throw Fault(.invalidArgument, reason: "missingData", "The event has no 'data'.", field: "data")
    case .json(let value)?: return value
    case .bytes(let bytes)?:
      do throws(Fault) {
        return try JSONReader.value(of: bytes)
      } catch {
        throw error.within("data")
      }
    }
  }
}

extension CloudEvent {
  /// The event in the JSON event format: reading it gives the same event again.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "specversion": .string(CloudEvent.specVersion), "id": .string(id), "source": .string(source),
      "type": .string(type),
    ]
    members["subject"] = subject.map(JSONValue.string)
    members["time"] = time.map { .string($0.description) }
    members["datacontenttype"] = dataContentType.map(JSONValue.string)
    members["dataschema"] = dataSchema.map(JSONValue.string)
    for (name, value) in extensions {
      switch value {
      case .string(let text): members[name] = .string(text)
      case .boolean(let bool): members[name] = .bool(bool)
      case .integer(let integer): members[name] = .integer(Int64(integer))
      }
    }
    switch payload {
    case nil: break
    case .json(let value)?: members["data"] = value
    case .bytes(let bytes)?: members["data_base64"] = .string(Data(bytes).base64EncodedString())
    }
    return .object(members)
  }
}
