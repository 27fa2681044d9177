import ArgumentParser
import Foundation

/// What a bus measurement sends, and how.
struct BusPlan: ParsableArguments {
  enum Intake: String, ExpressibleByArgument, Sendable {
    /// Events come in batches, each a command of its own: an import, or the acknowledged intake.
    case batch
    /// Each event is a command of its own, awaited by its caller.
    case single
  }

  @Option(help: "Events a second; as fast as they go unless given.")
  var rate: Int?
  @Option(help: "How many events.")
  var events = 200_000
  @Option(help: "Where to put the stores; a memory file system unless given.")
  var data: String?
  @Option(help: "How events come in: batch or single.")
  var mode = Intake.batch
  @Option(help: "How many commands are awaited at once; 2 for batches, 1024 for single events unless given.")
  var callers: Int?
  @Option(help: "The most events in a batch.")
  var batch = 500
  @Option(help: "The most events that are under way when there is no rate.")
  var window = 4000

  @Flag(help: "With CURVE between the processes.")
  var curve = false
  @Flag(help: "The consumer decodes each body from JSON.")
  var decode = false

  var callerCount: Int { callers ?? (mode == .batch ? 2 : 1024) }
  /// Twice what any machine should take, and some for starting.
  var limit: Duration { .seconds(30 + (rate.map { 2 * events / $0 } ?? events / 10_000)) }

  func validate() throws {
    guard events > 0, batch > 0, window > 0, callerCount > 0, rate.map({ $0 > 0 }) ?? true else {
      throw ValidationError("events, batch, window, callers and rate are at least 1")
    }
  }

  var name: String { (mode == .batch ? "bus" : "bus.single") + (curve ? ".curve" : "") + (decode ? ".decoded" : "") }

  var description: String {
    "intake=\(mode.rawValue) callers=\(callerCount) batch=\(mode == .batch ? batch : 1) asked=\(rate ?? 0)\(curve ? " curve" : "")"
  }
}
