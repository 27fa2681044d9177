import Contracts
import Foundation
import TestSupport
import Testing

@testable import Operator

/// Keys as the command line makes them.
@Suite struct KeysCommandTests {
  @Test func aClustersListGivesServicesWhatContractsSay() async throws {
    try await withTemporaryDirectory { directory in
      let cluster = ClusterKeys(directory: directory.path(of: "keys"))
      try cluster.create()
      let data = try Data(contentsOf: URL(filePath: directory.path(of: "keys/allow-list.json")))
      let list = try JSONDecoder().decode(JSONValue.self, from: data)
      guard case .array(let entries)? = list["keys"] else { return #expect(Bool(false), "no entries") }
      #expect(
        entries.compactMap { $0["name"]?.string }
          == ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway", "operator"]
      )
      let ranking = try #require(entries.first { $0["name"]?.string == "ranking" })
      #expect(ranking["streams"] == ["directory", "goal-setting", "ingestion", "loop-closure"])
      #expect(ranking["methods"] == ["journal.v1/*", "health.v1/*"])
      #expect(throws: (any Error).self, "nothing is overwritten") { try cluster.create() }
    }
  }
}
