import Contracts
import Foundation
import TestSupport
import Testing

extension ChaosTests {
  /// Processes that stop for a while, as in a paused virtual machine or under a debugger, and go on as if nothing had been.
  @Suite struct FreezeTests {
    @Test(.timeLimit(.minutes(3))) func aFrozenServiceHoldsUpNobodyElse() async throws {
      let text = "My ticket was sold twice"
      try await ChaosRun.with(extra: ["frozen"]) { run in
        for service in Cluster.services {
          let process = run.cluster.processIdentifier(of: service)
          try await run.cluster.freeze(service)
          if service == "ingestion" {
            // Whether it was taken can't be known yet: the caller is told within its time, and may ask again.
            let unanswered = try await publish(text, to: run.cluster)
            #expect(unanswered.status != 0 && unanswered.errors.contains("ingestion"), "\(unanswered.errors)")
            try await run.waitUntil("ranking", isLive: false, on: .ingestion)
          } else {
            try await run.source.acknowledgements(100)
          }
          let answering = Set(try await run.statuses().keys)
          #expect(answering == Set(Cluster.services).subtracting([service]))

          try run.cluster.thaw(service)
          try await eventually("\(service) answers again") { try await run.statuses()[service] != nil }
          #expect(run.cluster.processIdentifier(of: service) == process)
          try await run.waitUntil(service == "ranking" ? "loop-closure" : "ranking", hasApplied: .ingestion)
        }
        let repeated = try await publish(text, to: run.cluster)
        #expect(repeated.status == 0, "\(repeated.errors)")
      }
    }

    private func publish(_ text: String, to cluster: Cluster) async throws -> CommandResult {
      try await cluster.run(
        "publish",
        text,
        "--programme",
        "northwind",
        "--source",
        FeedbackSource.name,
        "--id",
        "frozen",
        "--timeout",
        "3"
      )
    }

    @Test(.timeLimit(.minutes(2))) func allGoOnWhenTheWholeMachineStoodStill() async throws {
      try await ChaosRun.with { run in
        for service in Cluster.services { try await run.cluster.freeze(service) }
        // Longer than any lease, any silence and any patience.
        try await eventually("the source has given up on an answer") { run.source.failures > 0 }
        for service in Cluster.services { try run.cluster.thaw(service) }
        try await run.source.acknowledgements(50)
        #expect(Set(try await run.statuses().keys) == Set(Cluster.services))
      }
    }
  }
}
