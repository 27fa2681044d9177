import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Wrong input gets a precise error, nothing is half applied, and the services stay up.
@Suite(.serialized) struct ErrorTests {
  struct Problem: Decodable {
    var status: Int
    var reason: String?
    var detail: String?
  }

  @Test(.timeLimit(.minutes(3))) func wrongInputChangesNothing() async throws {
    try await Cluster.with { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.run("teams", "set", "porto", "--programme", "northwind")
      try await cluster.waitUntilCaughtUp()
      try await Self.wrongEvents(cluster)
      try await Self.wrongFiles(cluster)
      let feedback = try await cluster.run("tap", "ingestion", "--once")
      #expect(feedback.text.split(separator: "\n").count == 1, "only the good row of the bad file: \(feedback.text)")
      for service in Cluster.services { #expect(cluster.isRunning(service)) }
    }
  }

  private static func wrongEvents(_ cluster: Cluster) async throws {
    let event = { (data: String) in
      #"{"specversion":"1.0","type":"groundswell.feedback.v1","source":"test","id":"1","data":\#(data)}"#
    }
    let structured = "application/cloudevents+json"
    let cases: [(body: Data, type: String, status: Int)] = [
      (Data(event(#"{"programme":"nowhere","text":"hi"}"#).utf8), structured, 422),
      (Data(event(#"{"programme":"northwind","team":"nobody","text":"hi"}"#).utf8), structured, 422),
      (Data(event(#"{"programme":"northwind","text":17}"#).utf8), structured, 422),
      (Data(event(#"{"programme":"northwind"}"#).utf8), structured, 422),
      (Data(event(#"{"programme":"northwind","text":"hi""#).utf8), structured, 400),
      (Data([0x7B, 0xC3, 0x28, 0x7D]), structured, 400),
      (Data(event(#"{"programme":"northwind","text":"hi"}"#).utf8), "text/csv", 415),
      (Data(repeating: 0x20, count: 2 << 20), structured, 413),
    ]
    for (body, type, status) in cases {
      let (answer, problem) = try await post(body, type, to: cluster)
      let begin = String(decoding: body.prefix(120), as: UTF8.self)
      #expect(answer == status, "\(begin): \(answer) \(String(describing: problem))")
      #expect(problem?.detail?.isEmpty == false, "\(begin)")
    }
  }

  private static func wrongFiles(_ cluster: Cluster) async throws {
    let file = cluster.folder.appending(component: "bad.csv")
    let bytes =
      Data("id,text\n1,fine\n2,too,many\n4,".utf8) + Data([0xFF, 0xFE]) + Data("\n3,\"open".utf8)
    try bytes.write(to: file)
    let result = try await cluster.run(
      "import",
      file.path,
      "--programme",
      "northwind",
      "--map",
      "id=id",
      "--map",
      "text=text",
      "--json"
    )
    #expect(result.status == 65)
    let summary = try result.lastLine(as: ImportLine.self)
    #expect(summary.rows == 4)
    #expect(summary.imported == 1)
    #expect(summary.rejected == 3)
    let rejects = try String(contentsOfFile: #require(summary.rejectsFile), encoding: .utf8)
    for reason in ["wrongColumnCount", "malformedRow", "never closed", "UTF-8"] {
      #expect(rejects.contains(reason), "\(rejects)")
    }
    let missing = try await cluster.run(
      "import",
      file.path,
      "--programme",
      "nowhere",
      "--map",
      "text=text",
      "--json"
    )
    #expect(missing.status == 1)
    #expect(missing.errors.contains("unknownProgramme"))
  }

  private static func post(_ body: Data, _ type: String, to cluster: Cluster) async throws -> (Int, Problem?) {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(cluster.intakePort)/v1/events")))
    request.httpMethod = "POST"
    request.setValue(type, forHTTPHeaderField: "content-type")
    request.httpBody = body
    let (data, response) = try await URLSession.shared.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, try? JSONDecoder().decode(Problem.self, from: data))
  }
}
