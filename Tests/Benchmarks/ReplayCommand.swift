import ArgumentParser
import Storage

/// Replay: a consumer that begins when the journal is long already.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "A new consumer catches up with a journal, and commits what it makes of it.",
    discussion: """
      Once with nothing but its cursor to commit, which is what the bus takes, and once with a state change for each \
      event. Latencies count from the consumer's start, so the median is when half of the journal was applied.
      """
  )

  @Option(help: "How many events the journal holds.")
  var events = 500_000
  @Flag(help: "Encrypt with CURVE, between keys made for this measurement.")
  var curve = false
  @Option(help: "Where to put the stores; a memory file system unless given.")
  var data: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard events > 0 else { throw ValidationError("events are at least 1") }
  }

  func run() async throws {
    try await Workspace.with(in: data) { workspace in
      let keys = curve ? try BenchKeys.create(in: workspace.path(of: "keys")) : nil
      let publisher = try await Publisher(storingAt: workspace.path(of: "publisher/store.sqlite"), keys: keys)
      try await publisher.fill(1...events)
      for work in [ConsumerWork.cursor, .state] {
        let name = (work == .cursor ? "replay" : "replay.applied") + (curve ? ".curve" : "")
        try await Replay(of: publisher, work, name: name, events: events, keys: keys)
          .measure(in: workspace, json: output.json)
      }
      try await publisher.close()
    }
  }
}

/// A new consumer that reads the end of a journal, or all of it.
struct Replay {
  let publisher: Publisher
  let work: ConsumerWork
  let name: String
  /// The position after which it begins.
  let first: Int
  let events: Int
  /// For CURVE; nil for reading in the clear.
  let keys: BenchKeys?

  init(
    of publisher: Publisher,
    _ work: ConsumerWork,
    name: String,
    after first: Int = 0,
    events: Int,
    keys: BenchKeys? = nil
  ) {
    self.publisher = publisher
    self.work = work
    self.name = name
    self.first = first
    self.events = events
    self.keys = keys
  }

  func measure(in workspace: Workspace, json: Bool) async throws {
    let consumer = try Consumer(
      of: publisher,
      work: work,
      after: first,
      events: events,
      limit: .seconds(30 + events / 10_000),
      sinceStart: true,
      keys: keys,
      in: workspace
    )
    let report = try await consumer.report()
    let measurement = Measurement(name, .flat, of: report, publisherMiB: try peakMemoryMiB())
    try measurement.print("since=start", report.latencies, json: json)
    try report.check()
    try consumer.removeFiles()
  }
}

extension Publisher {
  /// Commits these events in batches, as fast as it goes.
  func fill(_ indices: ClosedRange<Int>) async throws {
    let batch = 500
    for first in stride(from: indices.lowerBound, through: indices.upperBound, by: batch) {
      let count = min(batch, indices.upperBound - first + 1)
      let bodies = BenchEvent.bodies(count) { .init(index: first + $0, dueNanoseconds: 0) }
      try await store.write { try Publisher.accept(bodies, in: $0) }
    }
  }
}
