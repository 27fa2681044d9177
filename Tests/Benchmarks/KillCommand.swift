import ArgumentParser
import Foundation
import Messaging

/// Kills: either end of the bus dies at full flow, and is started again.
struct KillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill",
    abstract:
      "Kill -9 the consumer and the publisher in turns while events flow, and see how soon they have caught up.",
    discussion: """
      Caught up is who lags behind what is due by less than one commit's worth of events. Ends with an error where an \
      event is lost or applied twice, or where catching up takes longer than --limit-milliseconds.
      """
  )

  @Option(help: "Events a second.") var rate = 10_000
  @Option(help: "How many kills: the consumer first, then the publisher, and so on.") var kills = 10
  @Option(help: "How long who was killed stays away.") var downMilliseconds = 1000
  @Option(help: "The longest that catching up may take, from the start of the new process.") var limitMilliseconds =
    1000
  @Option(help: "Decides the moments of the kills; a new one unless given.") var seed: UInt64?
  @Option(help: "Where to put the stores; a memory file system unless given.") var data: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard rate > 0, kills > 0, (0...60_000).contains(downMilliseconds), limitMilliseconds > 0 else {
      throw ValidationError("rate, kills and the limit are at least 1, and who was killed stays away a minute at most")
    }
  }

  func run() async throws {
    let seed = seed ?? .random(in: .min ... .max)
    try await Workspace.with(in: data) { workspace in
      let bus = try KillableBus(rate: rate, in: workspace)
      try await bus.untilCaughtUp()
      var random = SplitMix64(seed: seed)
      var report = KillReport(rate: rate, seed: seed)
      for number in 0..<kills {
        // The moment is to be anywhere within a commit.
        try await Task.sleep(for: .microseconds(Int.random(in: 500_000...1_000_000, using: &random)))
        let victim = number % 2 == 0 ? KillableBus.End.consumer : .publisher
        let kill = try await bus.kill(victim, for: .milliseconds(downMilliseconds))
        report.kills.append(kill)
        if !output.json { print(kill.line(number + 1)) }
      }
      let audit = try await bus.finish()
      report.add(audit)
      print(output.json ? try report.json : report.line)
      try audit.check()
      guard report.slowestMilliseconds <= Double(limitMilliseconds) else {
        throw BenchFailure("catching up took \(report.slowestMilliseconds) ms, longer than \(limitMilliseconds) ms")
      }
    }
  }
}

/// One kill, and what came after.
struct Kill: Codable {
  var victim: KillableBus.End
  /// Events that were due and not applied when the new process was started.
  var backlogEvents: Int
  /// From the start of the new process until it and the other lagged by less than a commit's worth.
  var caughtUpMilliseconds: Double

  func line(_ number: Int) -> String {
    String(
      format: "kill %d: %@ backlog=%d caught-up=%.1fms",
      number,
      victim.rawValue,
      backlogEvents,
      caughtUpMilliseconds
    )
  }
}

/// What all kills together found.
struct KillReport: Codable {
  var name = "kill"
  var rate: Int
  var seed: UInt64
  var kills: [Kill] = []
  var events = 0
  var lost = 0
  var duplicated = 0
  var slowestMilliseconds: Double { kills.map(\.caughtUpMilliseconds).max() ?? 0 }

  init(rate: Int, seed: UInt64) {
    self.rate = rate
    self.seed = seed
  }

  mutating func add(_ audit: KillAudit) {
    events = audit.events
    lost = audit.lost
    duplicated = audit.duplicated
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  var line: String {
    let times = kills.map(\.caughtUpMilliseconds).sorted()
    let median = times.isEmpty ? 0 : times[times.count / 2]
    return "groundswell kill rate=\(rate)/s events=\(events) kills=\(kills.count) lost=\(lost) duplicated=\(duplicated)"
      + String(format: " caught-up median=%.1fms max=%.1fms", median, slowestMilliseconds) + " seed=\(seed)"
  }
}
