import Contracts
import Foundation
import Testing

@testable import Ingestion

@Suite("CloudEvents in JSON")
struct CloudEventTests {
  @Test("every way of being wrong has a reason and a place", arguments: EventVectors.invalid)
  func invalid(_ vector: InvalidEvent) throws {
    let json = try parsed(vector.json)
    let fault = #expect(throws: Fault.self) { try CloudEvent(json: json) }
    #expect(fault?.reason == vector.reason)
    #expect(fault?.field == vector.field)
    #expect(fault?.code == .invalidArgument)
  }

  @Test("no two mistakes share a sentence")
  func distinctSentences() throws {
    let sentences = EventVectors.invalid.compactMap { vector -> String? in
      do {
        _ = try CloudEvent(json: parsed(vector.json))
        return nil
      } catch { return "\(error)" }
    }
    #expect(sentences.count == EventVectors.invalid.count)
    // A missing and a null attribute are the same mistake.
    #expect(Set(sentences).count == sentences.count - 1)
  }

  @Test("what means the same is read the same", arguments: EventVectors.equal)
  func equal(_ forms: [String]) throws {
    let events = try forms.map { try CloudEvent(json: parsed($0)) }
    #expect(Set(events).count == 1)
  }

  @Test("something other than an object is no event", arguments: ["\"text\"", "1", "[]", "null", "true"])
  func notAnObject(_ json: String) throws {
    let value = try parsed(json)
    expectFault("notAnObject") { try CloudEvent(json: value) }
  }

  @Test("a batch is of one version")
  func mixedVersions() throws {
    let batch = [try parsed("{\(EventVectors.core)}"), try parsed(#"{"specversion":"0.3"}"#)]
    let fault = #expect(throws: Fault.self) { try CloudEvent.requireOneSpecVersion(batch) }
    #expect(fault?.reason == "mixedSpecVersions")
    #expect(fault?.field == "[1].specversion")
    #expect(throws: Never.self) { try CloudEvent.requireOneSpecVersion([]) }
    #expect(throws: Never.self) { try CloudEvent.requireOneSpecVersion(Array(repeating: batch[0], count: 2)) }
  }

  @Test("the trace of an event is read, and a broken one passed over")
  func trace() throws {
    let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let event = try CloudEvent(json: parsed("{\(EventVectors.core),\"traceparent\":\"\(text)\"}"))
    #expect(event.trace?.description == text)
    let broken = try CloudEvent(json: parsed("{\(EventVectors.core),\"traceparent\":\"01\"}"))
    #expect(broken.trace == nil)
  }

  @Test("data in base64 is JSON too, where it says so")
  func base64() throws {
    let encoded = Data(#"{"a":1}"#.utf8).base64EncodedString()
    let event = try CloudEvent(json: parsed("{\(EventVectors.core),\"data_base64\":\"\(encoded)\"}"))
    #expect(try event.jsonData() == .object(["a": .integer(1)]))
    let text = try CloudEvent(
      json: parsed("{\(EventVectors.core),\"datacontenttype\":\"text/plain\",\"data\":\"a\"}")
    )
    expectFault("unsupportedDataContentType") { try text.jsonData() }
    let none = try CloudEvent(json: parsed("{\(EventVectors.core)}"))
    expectFault("missingData") { try none.jsonData() }
  }

  @Test("an event written as JSON is read as the same event", arguments: EventVectors.equal)
  func roundTrip(_ forms: [String]) throws {
    for form in forms {
      let event = try CloudEvent(json: parsed(form))
      #expect(try CloudEvent(json: event.json) == event)
    }
  }
}

@Suite("Media types")
struct MediaTypeTests {
  @Test(arguments: [
    ("application/json", "application/json", [:]),
    ("Application/CloudEvents+JSON; Charset=\"UTF-8\"", "application/cloudevents+json", ["charset": "UTF-8"]),
    ("text/plain;a=1 ; b=\"x\\\"y\"", "text/plain", ["a": "1", "b": "x\"y"]), ("a/b;", "a/b", [:]),
  ])
  func reads(_ text: String, _ essence: String, _ parameters: [String: String]) throws {
    let type = try #require(MediaType(text))
    #expect(type.essence == essence)
    #expect(type.parameters == parameters)
  }

  @Test(arguments: ["", "json", "a/", "/b", "a/b c", "a/b;c", "a/b;c=", "a/b;=d", "a/b;c=\"d", "a b/c", "ä/b"])
  func refuses(_ text: String) {
    #expect(MediaType(text) == nil)
  }

  @Test func charsets() throws {
    #expect(try #require(MediaType("a/json;charset=utf-8")).isUTF8)
    #expect(try !#require(MediaType("a/json;charset=latin1")).isUTF8)
    #expect(try #require(MediaType("application/x+json")).isJSON)
    #expect(try !#require(MediaType("text/plain")).isJSON)
  }
}
