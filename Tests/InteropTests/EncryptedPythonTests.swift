import Foundation
import TestSupport
import Testing

/// A Python program with a key of its own, made by `groundswell keys` and listed for just what it does.
@Suite(.serialized) struct EncryptedPythonTests {
  @Test(.timeLimit(.minutes(3))) func aListedKeyDoesWhatItMayAndNothingElse() async throws {
    try await Cluster.with(isEncrypted: true) { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.run("programmes", "set", "contoso")
      try await cluster.waitUntilCaughtUp()
      let publicKey = try await cluster.makeKey("survey-import")
      try list(publicKey, as: "survey-import", in: cluster)
      let environment = [
        "GROUNDSWELL_KEY": cluster.secretKeyFile(of: "survey-import"),
        "GROUNDSWELL_SERVER_KEY": cluster.keys.appending(component: "ingestion.key").path,
      ]
      func call(_ method: String, _ request: String) async throws -> CommandResult {
        let endpoint = cluster.endpoint("ingestion", "answer")
        return try await PythonClient.run(
          "call.py",
          endpoint,
          method,
          request,
          "request-id=1",
          environment: environment
        )
      }
      func publish(to programme: String) async throws -> CommandResult {
        try await call("ingestion.v1/Publish", batch(about: programme))
      }
      // A key that isn't listed yet is hung up on for good, and the client waits in vain.
      let log = cluster.folder.appending(component: "ingestion.log")
      try await eventually("Ingestion has read the list") {
        try String(contentsOf: log, encoding: .utf8).contains("the allow-list has changed")
      }
      let listed = try await publish(to: "northwind")
      #expect(listed.status == 0, "\(listed.text)\(listed.errors)")
      let connected = try await callAsTheDocumentConnects(cluster)
      #expect(connected.status == 0 && connected.text.contains("accepted"), "\(connected.text)\(connected.errors)")
      let elsewhere = try await publish(to: "contoso")
      #expect(elsewhere.errors.contains("(7,"), "PERMISSION_DENIED, not \(elsewhere.errors)")
      let unlisted = try await call("operations.v1/Status", "{}")
      #expect(unlisted.errors.contains("(7,"), "PERMISSION_DENIED, not \(unlisted.errors)")
    }
  }

  /// One item of feedback for `ingestion.v1/Publish`.
  private func batch(about programme: String) -> String {
    let event = #"{"specversion":"1.0","type":"groundswell.feedback.v1","source":"python","id":"1","#
    let data = #""data":{"programme":"\#(programme)","channel":"chat","text":"My suitcase was lost"}}"#
    return #"{"events":[\#(event)\#(data)]}"#
  }

  /// WIRE.md's lines that make a socket with a key, then a call over that socket.
  private func callAsTheDocumentConnects(_ cluster: Cluster) async throws -> CommandResult {
    let connecting = try #require(try Document.wire().blocks("python").first)
      .replacing("tcp://10.0.0.5:7411", with: cluster.endpoint("ingestion", "answer"))
    let calling = """
      import sys
      sys.path.insert(0, "\(PythonClient.folder.path)")
      import call, itertools, json

      service = call.Service.__new__(call.Service)
      service.socket, service.ids = dealer, itertools.count(1)
      batch = json.loads('\(batch(about: "northwind"))')
      for answer in service.feed("ingestion.v1/Publish", batch, {"request-id": "1"}): print(answer.decode())
      """
    return try await Command.run(
      PythonClient.interpreter,
      ["-B", "-c", "\(connecting)\n\(calling)"],
      folder: cluster.folder
    )
  }

  private func list(_ publicKey: String, as name: String, in cluster: Cluster) throws {
    let data = try Data(contentsOf: cluster.allowList)
    var list = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [[String: Any]]])
    list["keys", default: []].append([
      "name": name, "publicKeys": [publicKey], "methods": ["ingestion.v1/Publish"], "programmes": ["northwind"],
    ])
    try JSONSerialization.data(withJSONObject: list).write(to: cluster.allowList, options: .atomic)
  }
}
