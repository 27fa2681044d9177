import Contracts
import Testing

@testable import Ingestion

/// One way for a single event to be wrong, and how it must be refused.
struct InvalidEvent: CustomTestStringConvertible, Sendable {
  var name: String
  var json: String
  var reason: String
  var field: String?

  var testDescription: String { name }

  /// A sound event with some members replaced; nil takes one away.
  init(_ name: String, _ changes: [(String, String?)], _ reason: String, at field: String?) {
    self.name = name
    self.reason = reason
    self.field = field
    var members = [
      ("specversion", "\"1.0\""), ("id", "\"a-1\""), ("type", "\"com.example.thing\""), ("source", "\"/till/7\""),
    ]
    for (member, value) in changes {
      members.removeAll { $0.0 == member }
      if let value { members.append((member, value)) }
    }
    json = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }
}

enum EventVectors {
  static let invalid: [InvalidEvent] = missing + empty + times + typed + named + data

  private static let missing = [
    InvalidEvent("no specversion", [("specversion", nil)], "missingAttribute", at: "specversion"),
    InvalidEvent("no id", [("id", nil)], "missingAttribute", at: "id"),
    InvalidEvent("no type", [("type", nil)], "missingAttribute", at: "type"),
    InvalidEvent("no source", [("source", nil)], "missingAttribute", at: "source"),
    InvalidEvent("null id", [("id", "null")], "missingAttribute", at: "id"),
  ]

  private static let empty = ["specversion", "id", "type", "source", "datacontenttype", "dataschema", "subject"].map {
    InvalidEvent("empty \($0)", [($0, "\"\"")], "emptyAttribute", at: $0)
  }

  private static let times = [
    "noon", "2024-02-03T10:20Z", "2024-02-03T10:20:30Q", "2024-02-03T10:20:30+24:30", "2024-02-03T10:20:30+ab:00",
    "2024-02-03T10:20:30+02", "2024-02-30T10:20:30Z", "2024-02-03 10:20:30Z", "2024-02-03",
  ].map { InvalidEvent("time \($0)", [("time", "\"\($0)\"")], "invalidTime", at: "time") }

  private static let typed = [
    InvalidEvent("other specversion", [("specversion", "\"0.3\"")], "unknownSpecVersion", at: "specversion"),
    InvalidEvent("numeric id", [("id", "17")], "wrongAttributeType", at: "id"),
    InvalidEvent("object as id", [("id", "{\"a\":\"b\"}")], "wrongAttributeType", at: "id"),
    InvalidEvent("numeric subject", [("subject", "1")], "wrongAttributeType", at: "subject"),
    InvalidEvent("boolean time", [("time", "true")], "wrongAttributeType", at: "time"),
    InvalidEvent("no media type", [("datacontenttype", "\"json\"")], "invalidDataContentType", at: "datacontenttype"),
    InvalidEvent("relative schema", [("dataschema", "\"/schema\"")], "invalidURI", at: "dataschema"),
    InvalidEvent("space in source", [("source", "\"my till\"")], "invalidURI", at: "source"),
    InvalidEvent("two fragments", [("source", "\"/a#b#c\"")], "invalidURI", at: "source"),
    InvalidEvent("half an escape", [("source", "\"/a%2\"")], "invalidURI", at: "source"),
    InvalidEvent("control character", [("id", "\"a\\u0007b\"")], "forbiddenCharacter", at: "id"),
    InvalidEvent("noncharacter", [("subject", "\"a\\uFFFF\"")], "forbiddenCharacter", at: "subject"),
    InvalidEvent(
      "long id",
      [("id", "\"\(String(repeating: "x", count: 1025))\"")],
      "attributeTooLong",
      at: "id"
    ),
  ]

  private static let named = [
    InvalidEvent("capital in a name", [("OurThing", "\"x\"")], "invalidAttributeName", at: "OurThing"),
    InvalidEvent("dot in a name", [("our.thing", "\"x\"")], "invalidAttributeName", at: "our.thing"),
    InvalidEvent("underscore in a name", [("our_thing", "\"x\"")], "invalidAttributeName", at: "our_thing"),
    InvalidEvent("fraction", [("ourthing", "2.5")], "wrongAttributeType", at: "ourthing"),
    InvalidEvent("array", [("ourthing", "[1]")], "wrongAttributeType", at: "ourthing"),
    InvalidEvent("wide integer", [("ourthing", "2147483648")], "integerOutOfRange", at: "ourthing"),
  ]

  private static let data = [
    InvalidEvent("both kinds of data", [("data", "1"), ("data_base64", "\"TQ==\"")], "dataTwice", at: "data_base64"),
    InvalidEvent("no base64", [("data_base64", "\"T*==\"")], "invalidBase64", at: "data_base64"),
    InvalidEvent("data_base64 of a number", [("data_base64", "5")], "wrongAttributeType", at: "data_base64"),
  ]

  static let core = #""specversion":"1.0","id":"a-1","type":"com.example.thing","source":"/till/7""#

  /// Events that are right, in groups that must come out equal.
  static let equal: [[String]] = [
    [
      "{\(core)}", "{\(core),\"time\":null,\"subject\":null,\"dataschema\":null,\"datacontenttype\":null}",
      "{\(core),\"data\":null,\"ours\":null}",
    ],
    [
      "{\(core),\"time\":\"2024-02-03T10:20:30Z\"}", "{\(core),\"time\":\"2024-02-03T10:20:30.000000000Z\"}",
      "{\(core),\"time\":\"2024-02-03T12:20:30+02:00\"}", "{\(core),\"time\":\"2024-02-03T05:20:30-05:00\"}",
    ],
    ["{\(core),\"ours\":7,\"flag\":true,\"name\":\"x\",\"uri\":\"//a/b\",\"bytes\":\"TWE=\"}"],
    ["{\(core),\"datacontenttype\":\"text/plain\",\"data\":\"words\"}"],
    [##"{"specversion":"1.0","id":"a-1","type":"com.example.thing","source":"#part"}"##],
  ]
}

func parsed(_ json: String) throws -> JSONValue { try JSONReader.value(of: Array(json.utf8)) }
