import Contracts
import Foundation
import TestSupport
import Testing

extension ChaosTests {
  /// Disks that are full, that turn read-only, and that hang, under all five stores at once.
  @Suite(.enabled(if: ScratchDisk.isPossible, "\(ScratchDisk.obstacle ?? "")"))
  struct DiskTests {
    @Test(.timeLimit(.minutes(3))) func aFullDiskStopsNobodyAndLosesNothing() async throws {
      try await ScratchDisk.with(megabytes: 64) { disk in
        try await ChaosRun.with(data: disk.mountPoint) { run in
          try disk.fill()
          try await eventually("the intake refuses for want of room") {
            run.source.refusals.contains { $0.reason == "diskFull" }
          }
          let refusal = try #require(run.source.refusals.last)
          #expect(refusal.status == 503 && refusal.code == "RESOURCE_EXHAUSTED", "\(refusal)")
          #expect(refusal.detail.contains("free some space"), "\(refusal)")

          let call = try await run.cluster.run("publish", "My bag was lost", "--programme", "northwind")
          #expect(call.status == 75 && call.errors.contains("free some space"), "\(call.status) \(call.errors)")
          let status = try await run.cluster.run("status")
          #expect(status.status == 1 && status.text.contains("ingestion takes no writes"), "\(status.text)")
          #expect(try await run.health(of: "ingestion") == 503)

          // All are there, and what they hold can be asked for.
          for service in Cluster.services { #expect(run.cluster.isRunning(service)) }
          let opportunities = try await run.cluster.run("opportunities", "--programme", "northwind", "--json")
          #expect(opportunities.status == 0, "\(opportunities.errors)")

          try disk.makeRoom()
          try await run.source.acknowledgements(50)
          for service in Cluster.services {
            try await eventually("\(service) is sound again") { try await run.health(of: service) == 200 }
          }
          try await run.waitUntil("ranking", hasApplied: .ingestion)
          let sound = try await run.cluster.run("status")
          #expect(sound.status == 0, "\(sound.text)")
        }
      }
    }

    @Test(.timeLimit(.minutes(3))) func aDiskThatTurnsReadOnlyIsNamed() async throws {
      try await ScratchDisk.with(megabytes: 64) { disk in
        try await ChaosRun.with(data: disk.mountPoint) { run in
          try await disk.fail()
          try await eventually("the intake refuses") { !run.source.refusals.isEmpty }
          let refusal = try #require(run.source.refusals.last)
          #expect(refusal.status == 503 && refusal.code == "UNAVAILABLE", "\(refusal)")
          #expect(refusal.detail.contains("Read-only file system"), "\(refusal)")
          #expect(refusal.detail.contains("restart the service"), "\(refusal)")
          let status = try await run.cluster.run("status")
          #expect(status.status == 1 && status.text.contains("ingestion takes no writes"), "\(status.text)")
          #expect(try await run.health(of: "ingestion") == 503)
          for service in Cluster.services { #expect(run.cluster.isRunning(service)) }
          let opportunities = try await run.cluster.run("opportunities", "--programme", "northwind", "--json")
          #expect(opportunities.status == 0, "\(opportunities.errors)")

          // A start says what is wrong, rather than wait or make another store.
          for service in Cluster.services { _ = run.cluster.stop(service) }
          let start = try await run.cluster.attempt("ingestion")
          #expect(
            start.status == 77 && start.errors.contains("Read-only file system"),
            "\(start.status) \(start.errors)"
          )

          try await disk.repair()
          for service in Cluster.services { try run.cluster.start(service) }
          try await run.cluster.waitUntilReady()
          try await run.source.acknowledgements(50)
        }
      }
    }

    /// Reads may have to wait as well: SQLite notes readers in a file that is on that disk.
    @Test(.timeLimit(.minutes(3))) func aDiskThatHangsIsWaitedFor() async throws {
      try await ScratchDisk.with(megabytes: 64) { disk in
        try await ChaosRun.with(data: disk.mountPoint, extra: ["hung"]) { run in
          let processes = Cluster.services.map { run.cluster.processIdentifier(of: $0) }
          try await disk.freeze()
          do {
            try await eventually("the source has given up on an answer") { run.source.failures > 0 }
            // Whether it was taken can't be known: the caller is told within its time, and may ask again.
            let unanswered = try await publish(to: run.cluster)
            #expect(unanswered.status != 0 && !unanswered.errors.isEmpty, "\(unanswered.text)")
          } catch {
            try await disk.thaw()
            throw error
          }
          try await disk.thaw()
          try await run.source.acknowledgements(50)
          let repeated = try await publish(to: run.cluster)
          #expect(repeated.status == 0, "\(repeated.errors)")
          #expect(Cluster.services.map { run.cluster.processIdentifier(of: $0) } == processes)
        }
      }
    }

    private func publish(to cluster: Cluster) async throws -> CommandResult {
      try await cluster.run(
        "publish",
        "My ticket was sold twice",
        "--programme",
        "northwind",
        "--source",
        FeedbackSource.name,
        "--id",
        "hung",
        "--timeout",
        "3"
      )
    }
  }
}
