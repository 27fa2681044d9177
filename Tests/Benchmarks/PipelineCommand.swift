import ArgumentParser
import Contracts
import Foundation
import GRPCCore
import Messaging
import Synchronization

/// The pipeline: from the intake's acknowledgement until two other services answer with what they made of it.
struct PipelineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "From the acknowledgement of feedback until Ranking and LoopClosure answer with it.",
    discussion: "Starts the five services, beside this program, with stores and sockets of their own."
  )

  @Option(help: "Feedback items a second; as fast as they are acknowledged unless given.")
  var rate: Int?
  @Option(help: "How many feedback items.")
  var events = 5000
  @Option(help: "Where to put the stores; a memory file system unless given.")
  var data: String?
  @Option(help: "The most items in a batch.")
  var batch = 100
  @Option(help: "How many instances there are of Ingestion, Ranking and LoopClosure.")
  var instances = 1
  @Option(help: "How many programmes the items are about.")
  var programmes = 16
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard events > 0, batch > 0, rate.map({ $0 > 0 }) ?? true else {
      throw ValidationError("events, batch and rate are at least 1")
    }
    guard (1...16).contains(instances), (instances...1000).contains(programmes) else {
      throw ValidationError("there may be 1 to 16 instances, and as many programmes at least")
    }
  }

  func run() async throws {
    try await Workspace.with(in: data) { workspace in
      let services = try await RunningServices(in: workspace, instances: instances)
      do {
        try await measure(services)
        try await services.end()
      } catch {
        services.printLogs()
        try await services.end()
        throw error
      }
    }
  }

  private func measure(_ services: RunningServices) async throws {
    let load = FeedbackLoad(
      programmes: (0..<programmes).map { ID("bench-\($0)") },
      events: events,
      batch: batch,
      rate: rate,
      senders: instances
    )
    try await services.introduce(load.programmes)
    let visibility = try await Visibility(services, programmes: load.programmes)
    let start = MonotonicInstant.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (sender, client) in services.ingestion.enumerated() {
        group.addTask { try await PipelineCommand.send(load, as: sender, to: client, visibility, since: start) }
      }
      try await group.waitForAll()
    }
    let memory = try services.peakMemories()
    for service in Visibility.Service.allCases {
      let report = visibility.report(service, since: start)
      let held = try await visibility.count(service)
      let measurement = Measurement(
        "pipeline.\(service.rawValue)",
        rate == nil ? .flat : .paced,
        report,
        lost: max(0, events - held),
        duplicated: max(0, held - events),
        peakMemoryMiB: memory
      )
      try measurement.print("batch=\(batch) asked=\(rate ?? 0) instances=\(instances)", report, json: output.json)
    }
  }

  /// One sender's items, all to one instance of Ingestion.
  private static func send(
    _ load: FeedbackLoad,
    as sender: Int,
    to ingestion: CallClient,
    _ visibility: Visibility,
    since start: MonotonicInstant
  ) async throws {
    let batches = load.batches(of: sender)
    guard !batches.isEmpty else { return }
    try await ingestion.exchange(
      IngestionAPI.intake,
      send: { writer in
        for batch in batches {
          try await load.untilDue(batch, since: start)
          try await writer.write(load.message(batch))
        }
      },
      receive: { receipts in
        try await follow(receipts, of: batches, from: sender, in: load, visibility)
      }
    )
  }

  /// Looks for each batch in each service from the moment that it is acknowledged.
  private static func follow(
    _ receipts: CallMessages<IntakeReceipt>,
    of batches: [[Int]],
    from sender: Int,
    in load: FeedbackLoad,
    _ visibility: Visibility
  ) async throws {
    var outstanding = Dictionary(uniqueKeysWithValues: batches.map { ($0[0], $0) })
    let last = try await withThrowingDiscardingTaskGroup { group in
      for try await receipt in receipts {
        let acknowledged = MonotonicInstant.now
        let place = Visibility.Place(instance: sender, position: try Visibility.lastPosition(of: receipt))
        guard let batch = outstanding.removeValue(forKey: receipt.number), batch.count == receipt.results.count else {
          throw BenchFailure("the receipt numbered \(receipt.number) is for no batch that was sent, or for a part")
        }
        let programmes = batch.map(load.programme)
        for service in Visibility.Service.allCases {
          group.addTask { try await visibility.look(for: place, of: programmes, in: service, since: acknowledged) }
        }
        if outstanding.isEmpty { return place }
      }
      throw BenchFailure("the intake ended with \(outstanding.count) batches not acknowledged")
    }
    try await visibility.waitForEveryone(at: last)
  }
}
