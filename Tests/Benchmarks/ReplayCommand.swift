import ArgumentParser
import Storage

/// Replay: a consumer that begins when the journal is long already.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "A new consumer catches up with a journal, and commits what it makes of it.",
    discussion: "Latencies count from the consumer's start, so the median is when half of the journal was applied."
  )

  @Option(help: "How many events the journal holds.")
  var events = 500_000
  @Option(help: "Where to put the stores; a memory file system unless given.")
  var data: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard events > 0 else { throw ValidationError("events are at least 1") }
  }

  func run() async throws {
    try await Workspace.with(in: data) { workspace in
      let publisher = try await Publisher(storingAt: workspace.path(of: "publisher/store.sqlite"))
      try await fill(publisher.store)
      let limit = Duration.seconds(30 + events / 10_000)
      let consumer = try Consumer(of: publisher, events: events, limit: limit, sinceStart: true, in: workspace)
      let report = try await consumer.report()
      let measurement = Measurement(
        "replay",
        .flat,
        report.latencies,
        lost: report.lost,
        duplicated: report.duplicated,
        peakMemoryMiB: ["publisher": try peakMemoryMiB(), "consumer": report.peakMemoryMiB]
      )
      try await publisher.close()
      try measurement.print("since=start", report.latencies, json: output.json)
      try report.check()
    }
  }

  private func fill(_ store: Store) async throws {
    let batch = 500
    for first in stride(from: 1, through: events, by: batch) {
      let bodies = BenchEvent.bodies(min(batch, events - first + 1)) { .init(index: first + $0, dueNanoseconds: 0) }
      try await store.write { try Publisher.accept(bodies, in: $0) }
    }
  }
}
