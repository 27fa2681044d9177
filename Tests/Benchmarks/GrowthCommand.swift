import ArgumentParser
import Foundation

/// Whether costs grow with the journal: the same measurements when it is short and when it is long.
struct GrowthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth",
    abstract: "Publishing and replay at the beginning of a journal and at the end of a long one, in one store.",
    discussion: """
      growth.bus.start and growth.bus.end are `bus` with the first and the last events, growth.replay.start and \
      growth.replay.end are `replay` of those. The publisher's peak memory is that of its whole life so far.
      """
  )

  @Option(help: "How many events the journal holds in the end.")
  var events = 10_000_000
  @Option(help: "How many events each measurement takes.")
  var sample = 500_000
  @Option(help: "Where to put the stores; a memory file system unless given. Ten million events take some 5 GB.")
  var data: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard sample > 0, events >= 2 * sample else { throw ValidationError("events are at least two samples") }
  }

  func run() async throws {
    try await Workspace.with(in: data) { workspace in
      let publisher = try await Publisher(storingAt: workspace.path(of: "publisher/store.sqlite"))
      let last = events - sample
      try await publish("growth.bus.start", after: 0, publisher, workspace)
      try await replay("growth.replay.start", after: 0, publisher, workspace)
      if last > sample { try await publisher.fill(sample + 1...last) }
      try await publish("growth.bus.end", after: last, publisher, workspace)
      try await replay("growth.replay.end", after: last, publisher, workspace)
      try await publisher.close()
    }
  }

  private func publish(_ name: String, after first: Int, _ publisher: Publisher, _ workspace: Workspace) async throws {
    let plan = try BusPlan.parse(["--events", "\(sample)"])
    let consumer = try Consumer(of: publisher, after: first, events: sample, limit: plan.limit, in: workspace)
    try await consumer.untilReady()
    try await BusLoad(plan: plan, store: publisher.store, applied: consumer.applied, after: first).run()
    let report = try await consumer.report()
    let measurement = Measurement(name, .flat, of: report, publisherMiB: try peakMemoryMiB())
    try measurement.print("after=\(first)", report.latencies, json: output.json)
    try report.check()
    try consumer.removeFiles()
  }

  private func replay(_ name: String, after first: Int, _ publisher: Publisher, _ workspace: Workspace) async throws {
    try await Replay(of: publisher, .cursor, name: name, after: first, events: sample)
      .measure(in: workspace, json: output.json)
  }
}
