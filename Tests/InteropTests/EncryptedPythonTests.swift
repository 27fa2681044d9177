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
        let event = #"{"specversion":"1.0","type":"groundswell.feedback.v1","source":"python","id":"1","#
        let data = #""data":{"programme":"\#(programme)","channel":"chat","text":"My suitcase was lost"}}"#
        return try await call("ingestion.v1/Publish", #"{"events":[\#(event)\#(data)]}"#)
      }
      try await eventually("the services have read the list") { try await publish(to: "northwind").status == 0 }
      let elsewhere = try await publish(to: "contoso")
      #expect(elsewhere.errors.contains("(7,"), "PERMISSION_DENIED, not \(elsewhere.errors)")
      let unlisted = try await call("operations.v1/Status", "{}")
      #expect(unlisted.errors.contains("(7,"), "PERMISSION_DENIED, not \(unlisted.errors)")
    }
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
