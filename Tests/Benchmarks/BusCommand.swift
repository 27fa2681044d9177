import ArgumentParser
import Foundation
import Messaging
import Storage

/// The bus: committed and published in this process, received and committed in another.
struct BusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bus",
    abstract: "From the moment an event is due until another process has committed what it makes of it."
  )

  @OptionGroup var plan: BusPlan
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await Workspace.with(in: plan.data) { workspace in
      let keys = plan.curve ? try BenchKeys.create(in: workspace.path(of: "keys")) : nil
      let publisher = try await Publisher(storingAt: workspace.path(of: "publisher/store.sqlite"), keys: keys)
      let consumer = try Consumer(
        of: publisher,
        work: plan.decode ? .decodedState : .state,
        events: plan.events,
        limit: plan.limit,
        keys: keys,
        in: workspace
      )
      try await consumer.untilReady()
      try await BusLoad(plan: plan, store: publisher.store, applied: consumer.applied).run()
      let report = try await consumer.report()
      let measurement = Measurement(
        plan.name,
        plan.rate == nil ? .flat : .paced,
        of: report,
        publisherMiB: try peakMemoryMiB()
      )
      try await publisher.close()
      try measurement.print(plan.description, report.latencies, json: output.json)
      try report.check()
    }
  }
}

/// The consuming process, seen from the publisher's.
struct Consumer {
  let applied: SharedCount
  let process: ChildProcess
  /// Its store and what it reports, apart from other consumers'.
  private let directory: String
  private let limit: Duration

  /// - Parameters:
  ///   - work: what it does for each event.
  ///   - first: the position after which it begins.
  ///   - sinceStart: whether latency counts from the consumer's own start.
  init(
    of publisher: Publisher,
    work: ConsumerWork = .state,
    after first: Int = 0,
    events: Int,
    limit: Duration,
    sinceStart: Bool = false,
    keys: BenchKeys? = nil,
    in workspace: Workspace
  ) throws {
    directory = workspace.path(of: "consumer-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    applied = try SharedCount(path: "\(directory)/applied")
    self.limit = limit
    process = try ChildProcess(
      nil,
      [
        "bus-consumer", "--publisher", publisher.events.description, "--journal", publisher.calls.description,
        "--directory", directory, "--events", "\(events)", "--limit", "\(limit.components.seconds)",
        "--work", work.rawValue, "--after", "\(first)",
      ] + (sinceStart ? ["--since-start"] : []) + (keys.map { ["--keys", $0.directory] } ?? [])
    )
  }

  /// Waits until the consumer follows the live feed.
  func untilReady() async throws {
    try await wait(upTo: .seconds(20), for: "the consumer to follow the stream") {
      if let status = process.exitStatus { throw BenchFailure("the consumer ended with status \(status)") }
      return applied.value == SharedCount.ready
    }
    applied.value = 0
  }

  /// Waits for its end, which it finds by itself, and reads what it found.
  func report() async throws -> ConsumerReport {
    let status = await process.waitUntilExit()
    guard status == 0 else { throw BenchFailure("the consumer ended with status \(status)") }
    return try JSONDecoder().decode(
      ConsumerReport.self,
      from: Data(contentsOf: URL(filePath: "\(directory)/report.json"))
    )
  }

  /// Makes room for the next, once it has ended.
  func removeFiles() throws { try FileManager.default.removeItem(atPath: directory) }
}

/// What the consumer found.
struct ConsumerReport: Codable {
  var latencies: LatencyReport
  var lost: Int
  var duplicated: Int
  /// Events that came before one with a lower position.
  var outOfOrder: Int
  /// Events in the committed state, by its own count.
  var counted: Int
  var peakMemoryMiB: Double

  /// - Throws: unless every event was applied exactly once and in order.
  func check() throws {
    guard lost == 0, duplicated == 0, outOfOrder == 0, counted == latencies.events else {
      throw BenchFailure(
        "\(lost) events were lost, \(duplicated) came again, \(outOfOrder) out of order; the state counts \(counted)"
      )
    }
  }
}
