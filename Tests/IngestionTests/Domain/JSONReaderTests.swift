import Contracts
import Foundation
import Testing

@testable import Ingestion

@Suite("Strict JSON")
struct JSONReaderTests {
  @Test(
    "values",
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("-12", .integer(-12)), ("1.5e2", .integer(150)),
      ("-0.25", .number(-0.25)), ("5.0", .integer(5)), ("9007199254740993.0", .integer(9_007_199_254_740_993)),
      ("67813456789345670.1", .integer(67_813_456_789_345_672)), ("-9223372036854775808.0", .integer(.min)),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("-0", .integer(0)), ("\"a\\u00e9\\ud83d\\ude00\\n\\/\"", .string("aé😀\n/")),
      ("[1,[2,{}]]", .array([.integer(1), .array([.integer(2), .object([:])])])),
      ("{\"a\" : {\"b\":[]}}", .object(["a": .object(["b": .array([])])])),
    ]
  )
  func values(_ text: String, _ value: JSONValue) throws {
    #expect(try parsed(text) == value)
  }

  @Test(
    "mistakes",
    arguments: [
      ("", "truncatedJSON"), ("{\"a\":", "truncatedJSON"), ("[1,", "truncatedJSON"), ("\"abc", "truncatedJSON"),
      ("\"a\\", "truncatedJSON"), ("\"\\u00", "truncatedJSON"), ("tru", "truncatedJSON"), ("-", "truncatedJSON"),
      ("1.", "truncatedJSON"), ("{\"a\":1", "truncatedJSON"), ("{\"a\"", "truncatedJSON"),
      ("{a:1}", "malformedJSON"), ("{'a':1}", "malformedJSON"), ("[1,]", "malformedJSON"),
      ("{\"a\":1,}", "malformedJSON"),
      ("01", "malformedJSON"), ("+1", "malformedJSON"), (".5", "malformedJSON"), ("1 2", "malformedJSON"),
      ("NaN", "malformedJSON"), ("\"\\x\"", "malformedJSON"), ("\"\\ud800\"", "malformedJSON"),
      ("\"\\udc00\\ud800\"", "malformedJSON"), ("\"\\ud800\\u0041\"", "malformedJSON"), ("\"a\tb\"", "malformedJSON"),
      ("[1 2]", "malformedJSON"), ("{\"a\" 1}", "malformedJSON"), ("// x\n1", "malformedJSON"),
      ("tRue", "malformedJSON"),
      ("1e999", "numberOutOfRange"), ("{\"a\":1,\"a\":2}", "duplicateMember"),
    ]
  )
  func mistakes(_ text: String, _ reason: String) {
    expectFault(reason) { try parsed(text) }
  }

  @Test("a fault inside is placed by its path")
  func paths() {
    expectFault("duplicateMember", at: "a[1].b.c") { try parsed("{\"a\":[0,{\"b\":{\"c\":1,\"c\":2}}]}") }
    expectFault("duplicateMember", at: "[1].x") {
      try JSONReader.elements(of: Array("[{},{\"x\":1,\"x\":1}]".utf8))
    }
  }

  @Test("nesting is bounded, however long the text")
  func nesting() throws {
    let deepest = JSONReader.deepestNesting
    let fits = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
    #expect(throws: Never.self) { try parsed(fits) }
    expectFault("nestedTooDeeply") { try parsed("[" + fits + "]") }
    expectFault("nestedTooDeeply") { try parsed(String(repeating: "{\"a\":", count: 200_000)) }
  }

  @Test("invalid UTF-8 is refused with its offset")
  func invalidUTF8() {
    let fault = expectFault("invalidUTF8") { try JSONReader.value(of: [0x22, 0x61, 0xFF, 0x22]) }
    #expect(fault?.message.contains("byte 2") == true)
  }

  @Test("the elements of a batch keep their bytes")
  func elements() throws {
    let text = " [ {\"a\":1} , 2 ,\"x\"] "
    let elements = try JSONReader.elements(of: Array(text.utf8))
    let bytes = Array(text.utf8)
    #expect(elements.map { String(decoding: bytes[$0.bytes], as: UTF8.self) } == ["{\"a\":1}", "2", "\"x\""])
    #expect(try JSONReader.elements(of: Array("[]".utf8)).isEmpty)
    expectFault("batchNotArray") { try JSONReader.elements(of: Array("{}".utf8)) }
    expectFault("truncatedJSON") { try JSONReader.elements(of: Array("[{}".utf8)) }
    expectFault("malformedJSON") { try JSONReader.elements(of: Array("[]x".utf8)) }
  }

  @Test("random values survive being written and read")
  func roundTrip() throws {
    var random = Seeded()
    for _ in 0..<300 {
      let value = random.jsonValue(depth: 4)
      let bytes = Array(try JSONEncoder().encode(value))
      #expect(try JSONReader.value(of: bytes) == value, "seed \(random.seed)")
    }
  }

  @Test("no cut and no flipped byte makes it fail in any way but a fault")
  func damage() throws {
    var random = Seeded()
    let sound = Array(#"{"a":[1,2.5e3,"x\u00e9\n",true,null,{"b":"é€😀"}]}"#.utf8)
    for length in 0..<sound.count {
      expectFault("truncatedJSON", or: "invalidUTF8") { try JSONReader.value(of: Array(sound[..<length])) }
    }
    for _ in 0..<2000 {
      var bytes = sound
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      do { _ = try JSONReader.value(of: bytes) } catch { #expect(!error.reason.isEmpty, "seed \(random.seed)") }
    }
  }
}
