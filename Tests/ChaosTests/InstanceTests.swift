import Contracts
import Foundation
import TestSupport
import Testing

extension ChaosTests {
  /// A second process on a store that another has.
  @Suite struct InstanceTests {
    @Test(.timeLimit(.minutes(3))) func theSecondEndsAndTheFirstIsUnharmed() async throws {
      try await ChaosRun.with { run in
        for service in Cluster.services {
          let holder = try #require(run.cluster.processIdentifier(of: service))
          // At the same addresses, and at others: it is the store that is taken.
          for addresses in [[], try elsewhere(service, run.cluster)] {
            let second = try await run.cluster.attempt(service, addresses)
            #expect(second.status == 75, "\(service): \(second.errors)")
            #expect(second.errors.contains("in use by process \(holder)"), "\(service): \(second.errors)")
          }
          #expect(run.cluster.processIdentifier(of: service) == holder)
        }
        try await run.source.acknowledgements(50)
        #expect(Set(try await run.statuses().keys) == Set(Cluster.services))
      }
    }

    @Test(.timeLimit(.minutes(2))) func aFrozenProcessKeepsItsStoreAndADeadOneDoesNot() async throws {
      try await ChaosRun.with { run in
        let frozen = try #require(run.cluster.processIdentifier(of: "ranking"))
        try await run.cluster.freeze("ranking")
        let second = try await run.cluster.attempt("ranking", try elsewhere("ranking", run.cluster))
        #expect(second.status == 75 && second.errors.contains("in use by process \(frozen)"), "\(second.errors)")

        run.cluster.kill("ranking")
        try run.cluster.start("ranking")
        try await run.waitUntil("ranking", hasApplied: .ingestion)
      }
    }

    private func elsewhere(_ service: String, _ cluster: Cluster) throws -> [String] {
      let folder = cluster.folder.path
      let http = ["ingestion", "gateway"].contains(service) ? ["--http", "127.0.0.1:0"] : []
      return [
        "--publish", "ipc://\(folder)/second.publish", "--answer", "ipc://\(folder)/second.answer", "--admin",
        "127.0.0.1:0",
      ] + http
    }
  }
}
