import Contracts
import Testing

@testable import Ingestion

@Suite("CloudEvents in HTTP headers")
struct BinaryModeTests {
  private let headers = [
    ("ce-specversion", "1.0"), ("ce-id", "a-1"), ("ce-type", "com.example.thing"), ("ce-source", "/till/7"),
  ]

  private func event(_ more: [(String, String)], body: String = "{}") throws -> CloudEvent {
    let all = (headers + more).map { (name: $0.0, value: $0.1) }
    return try CloudEvent(headers: all, contentType: "application/json", body: Array(body.utf8))
  }

  @Test("attributes come from headers whatever their case, the payload from the body")
  func plain() throws {
    let event = try event([("CE-Subject", "basket"), ("X-Other", "1"), ("ce-ours", "7")], body: "{\"a\":1}")
    #expect(event.id == "a-1")
    #expect(event.subject == "basket")
    #expect(event.extensions == ["ours": .string("7")])
    #expect(event.dataContentType == "application/json")
    #expect(try event.jsonData() == .object(["a": .integer(1)]))
  }

  @Test(
    "values are decoded",
    arguments: [
      ("Euro%20%e2%82%ac%20%F0%9F%98%80", "Euro € 😀"), ("\"quoted \\\"text\\\"\"", "quoted \"text\""),
      ("100%25", "100%"), ("a%22b", "a\"b"), ("\"a%20b\"", "a b"), ("plus+stays", "plus+stays"),
    ]
  )
  func decoded(_ value: String, _ text: String) throws {
    #expect(try event([("ce-subject", value)]).subject == text)
  }

  @Test(
    "what can't be decoded is refused",
    arguments: [
      "%C0%80", "%E0%80%80", "%ED%A0%80", "%F8%88%80%80%80", "%F4%90%80%80", "%e2%82", "%FF", "100%", "%4", "%zz",
      "\"open", "\"shut\" more", "\"ends in \\\"", "é",
    ]
  )
  func refused(_ value: String) {
    expectFault("invalidHeader", at: "ce-subject") { try event([("ce-subject", value)]) }
  }

  @Test("headers that can't be attributes are refused")
  func names() {
    expectFault("invalidHeader", at: "ce-datacontenttype") { try event([("ce-datacontenttype", "a/b")]) }
    expectFault("invalidHeader", at: "ce-id") { try event([("Ce-Id", "again")]) }
    expectFault("invalidAttributeName") { try event([("ce-our-thing", "x")]) }
    expectFault("invalidAttributeName") { try event([("ce-data", "x")]) }
    expectFault("emptyAttribute", at: "subject") { try event([("ce-subject", "")]) }
  }

  @Test("overlong and otherwise ill-formed UTF-8 is found at its first byte")
  func utf8() {
    let cases: [([UInt8], Int?)] = [
      ([], nil), (Array("aé€😀".utf8), nil), ([0x61, 0xC0, 0x80], 1), ([0x61, 0x80], 1), ([0xE2, 0x82], 0),
      ([0xED, 0xA0, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xC3, 0x28], 0),
      ([0xE1, 0x80, 0x28], 0), ([0xF4, 0x8F, 0xBF, 0xBF], nil),
    ]
    for (bytes, offset) in cases { #expect(UTF8Validation.firstInvalidOffset(in: bytes) == offset, "\(bytes)") }
  }
}
