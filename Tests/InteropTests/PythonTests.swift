import Foundation
import TestSupport
import Testing

/// A program with nothing but a ZeroMQ library publishes, asks, and follows.
@Suite(.serialized) struct PythonTests {
  @Test(.timeLimit(.minutes(3))) func anEmptyHandedClientPublishesAsksAndFollows() async throws {
    try await Cluster.with { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.waitUntilCaughtUp()
      let events = (1...40).map { number in
        """
        {"specversion":"1.0","type":"groundswell.feedback.v1","source":"python","id":"\(number)",
         "data":{"programme":"northwind","channel":"chat","text":"My suitcase was lost again, day \(number) without my suitcase"}}
        """
      }.joined(separator: ",")
      let publish = try await PythonClient.run(
        "call.py",
        cluster.endpoint("ingestion", "answer"),
        "ingestion.v1/Publish",
        "{\"events\":[\(events)]}",
        "request-id=python-1"
      )
      #expect(publish.status == 0, "\(publish.errors)")
      #expect(publish.text.components(separatedBy: "\"accepted\"").count == 41, "\(publish.text)")
      try await cluster.waitUntilCaughtUp()

      let ask = try await PythonClient.run(
        "call.py",
        cluster.endpoint("ranking", "answer"),
        "ranking.v1/Opportunities",
        #"{"programme":"northwind"}"#
      )
      #expect(ask.status == 0, "\(ask.errors)")
      #expect(ask.text.lowercased().contains("suitcase"), "\(ask.text)")

      let follow = try await PythonClient.run(
        "follow.py",
        cluster.endpoint("ranking", "publish"),
        cluster.endpoint("ranking", "answer"),
        "ranking",
        "0",
        "opportunity.",
        "1"
      )
      #expect(follow.status == 0, "\(follow.errors)")
      #expect(follow.text.contains("\"type\": \"opportunity.opened\""), "\(follow.text)")
    }
  }

  @Test(.timeLimit(.minutes(3))) func aWrongCallGetsAPreciseStatus() async throws {
    try await Cluster.with { cluster in
      let unknown = try await PythonClient.run(
        "call.py",
        cluster.endpoint("ranking", "answer"),
        "ranking.v1/Nonsense",
        "{}"
      )
      #expect(unknown.status == 1)
      #expect(unknown.errors.contains("(12,"), "\(unknown.errors)")
      let forbidden = try await PythonClient.run(
        "call.py",
        cluster.endpoint("ingestion", "answer"),
        "journal.v1/Read",
        #"{"stream":"ingestion.scores"}"#,
        #"principal={"name":"ranking","role":"program"}"#
      )
      #expect(forbidden.errors.contains("(7,"), "\(forbidden.errors)")
    }
  }
}

enum PythonClient {
  /// Debian's Python, which has Debian's pyzmq.
  static let interpreter = URL(filePath: "/usr/bin/python3")

  static let folder = Binaries.root.appending(components: "Tests", "InteropTests", "Clients")

  static func run(
    _ client: String,
    _ arguments: String...,
    environment: [String: String] = [:]
  ) async throws -> CommandResult {
    try await Command.run(
      interpreter,
      [folder.appending(component: client).path] + arguments,
      environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    )
  }
}
