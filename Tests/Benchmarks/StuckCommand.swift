import ArgumentParser
import Foundation

/// A consumer that stops, beside one that doesn't.
struct StuckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stuck",
    abstract: "What a consumer that stands still costs another one, and the publisher in memory.",
    discussion: """
      stuck.before is `bus` with both consumers, stuck.during the same with one of them stopped (SIGSTOP), each as the \
      other one sees it; stuck.after is what the stopped one has in the end, once it was let go on. More than \
      --most-growth-mebibytes of the publisher's memory for the stopped one ends the program with an error, as anything \
      lost or doubled does.
      """
  )

  @Option(help: "How many events flow before, and as many while it stands still.")
  var events = 1_000_000
  @Option(help: "By how much the publisher's peak memory may grow for the consumer that stands still.")
  var mostGrowthMebibytes = 100.0
  @Option(help: "Where to put the stores; a memory file system unless given.")
  var data: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard events > 0 else { throw ValidationError("events are at least 1") }
  }

  func run() async throws {
    try await Workspace.with(in: data) { workspace in
      let publisher = try await Publisher(storingAt: workspace.path(of: "publisher/store.sqlite"))
      let plan = try BusPlan.parse(["--events", "\(events)"])
      let stopped = try Consumer(of: publisher, events: 2 * events, limit: plan.limit * 3, in: workspace)
      try await stopped.untilReady()
      let before = try await flow("stuck.before", after: 0, plan, publisher, workspace)
      try await wait(upTo: plan.limit, for: "the second consumer to have applied as much") {
        stopped.applied.value >= events
      }
      // Who stands still wouldn't see this process end.
      defer { stopped.process.thaw() }
      try await stopped.process.freeze()
      let during = try await flow("stuck.during", after: events, plan, publisher, workspace)
      stopped.process.thaw()
      let report = try await stopped.report()
      try Measurement("stuck.after", .flat, of: report, publisherMiB: peakMemoryMiB())
        .print("after=0", report.latencies, json: output.json)
      try report.check()
      try await publisher.close()
      guard during - before <= mostGrowthMebibytes else {
        throw BenchFailure("the publisher's memory grew from \(before) to \(during) MiB for one that stood still")
      }
    }
  }

  /// Publishes, with a consumer of its own.
  /// - Returns: the most memory that the publisher has had so far, in MiB.
  private func flow(
    _ name: String,
    after first: Int,
    _ plan: BusPlan,
    _ publisher: Publisher,
    _ workspace: Workspace
  ) async throws -> Double {
    let consumer = try Consumer(of: publisher, after: first, events: events, limit: plan.limit, in: workspace)
    try await consumer.untilReady()
    try await BusLoad(plan: plan, store: publisher.store, applied: consumer.applied, after: first).run()
    let report = try await consumer.report()
    let memory = try peakMemoryMiB()
    try Measurement(name, .flat, of: report, publisherMiB: memory)
      .print("after=\(first)", report.latencies, json: output.json)
    try report.check()
    try consumer.removeFiles()
    return memory
  }
}
