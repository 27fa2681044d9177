import Contracts
import ServiceRuntime
import Testing

@testable import Gateway

@Suite struct OpenAPITests {
  /// Calls that make sense between programs only: many at once, and what the directory routes do themselves.
  private static let notOverHTTP: Set<String> = [
    "ingestion.v1/Intake", "ingestion.v1/Publish", "directory.v1/Directory", "directory.v1/SetProgramme",
    "directory.v1/SetTeam", "directory.v1/SetEmployee",
  ]

  @Test func everyMethodThatPeopleNeedIsThere() async throws {
    try await GatewayBench.run { bench in
      let document = try await bench.send("GET", "/openapi.json").json
      #expect(document["openapi"] == "3.1.0")
      let operations = document["paths"]?.members.values.flatMap { $0.members.values } ?? []
      let names = operations.compactMap { $0["operationId"]?.string }
      #expect(Set(names).count == names.count)
      for method in Catalogue.methods where !Self.notOverHTTP.contains(method.name.description) {
        #expect(names.contains(method.name.method.lowercasingFirst), "\(method.name) can't be reached")
      }
    }
  }

  @Test func everyReferenceAndParameterIsDeclared() async throws {
    try await GatewayBench.run { bench in
      let document = try await bench.send("GET", "/openapi.json").json
      var references: [String] = []
      collect(document, into: &references)
      #expect(!references.isEmpty)
      for reference in Set(references) {
        let parts = reference.split(separator: "/").dropFirst()
        let target = parts.reduce(Optional(document)) { value, part in value?[String(part)] }
        #expect(target != nil, "\(reference) leads nowhere")
      }
      for (path, item) in document["paths"]?.members ?? [:] {
        let captures = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        for operation in item.members.values {
          let declared = operation["parameters"]?.elements.filter { $0["in"] == "path" }.compactMap {
            $0["name"]?.string
          }
          #expect(declared == captures)
        }
      }
    }
  }

  private func collect(_ value: JSONValue, into references: inout [String]) {
    if let reference = value["$ref"]?.string { references.append(reference) }
    for member in value.members.values { collect(member, into: &references) }
    for element in value.elements { collect(element, into: &references) }
  }
}
