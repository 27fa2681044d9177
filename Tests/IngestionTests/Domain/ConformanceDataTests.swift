import Contracts
import Foundation
import Testing

@testable import Ingestion

/// Where the public CloudEvents vectors are, if they are there: `$GROUNDSWELL_TEST_DATA/cloudevents-conformance`.
private let vectors = ProcessInfo.processInfo.environment["GROUNDSWELL_TEST_DATA"].map {
  URL(filePath: $0).appending(path: "cloudevents-conformance")
}

@Suite("The project cloudevents/conformance", .enabled(if: vectors != nil, "GROUNDSWELL_TEST_DATA is not set"))
struct ConformanceDataTests {
  private func tests(_ file: String) throws -> [JSONValue] {
    let folder = try #require(vectors)
    let bytes = Array(try Data(contentsOf: folder.appending(path: file)))
    guard case .array(let tests)? = try JSONReader.value(of: bytes)["tests"] else { return [] }
    return tests
  }

  @Test func invalidEvents() throws {
    let tests = try tests("invalid-events.json")
    #expect(tests.count == 25)
    var sentences: Set<String> = []
    for test in tests {
      let event = try #require(test["event"])
      let fault = #expect(throws: Fault.self, "\(test["id"]?.string ?? "")") { try CloudEvent(json: event) }
      if let fault { sentences.insert(fault.description) }
    }
    // Two of the vectors share a name that no attribute may have; each other has a sentence of its own.
    #expect(sentences.count == tests.count - 1)
  }

  @Test func invalidBatches() throws {
    for test in try tests("invalid-batches.json") {
      guard case .array(let batch)? = test["batch"] else { continue }
      #expect(throws: Fault.self, "\(test["id"]?.string ?? "")") {
        try CloudEvent.requireOneSpecVersion(batch)
        _ = try batch.map { try CloudEvent(json: $0) }
      }
    }
  }

  @Test func validEvents() throws {
    var bySample: [String: Set<CloudEvent>] = [:]
    for test in try tests("valid-events.json") {
      bySample[test["sampleId"]?.string ?? "", default: []].insert(try CloudEvent(json: try #require(test["event"])))
    }
    #expect(bySample.count == 6)
    for (sample, events) in bySample { #expect(events.count == 1, "\(sample)") }
  }

  @Test func validBatches() throws {
    for test in try tests("valid-batches.json") {
      guard case .array(let batch)? = test["batch"] else { continue }
      try CloudEvent.requireOneSpecVersion(batch)
      for event in batch { #expect(throws: Never.self) { try CloudEvent(json: event) } }
    }
  }
}
