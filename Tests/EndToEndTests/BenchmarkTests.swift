import Foundation
import TestSupport
import Testing

extension UnderLoadTests {
  /// Every measurement of `deploy/bench`, with few events and in debug: what it says about speed is worth nothing, what
  /// it says about losses is worth as much.
  @Suite(.serialized) struct BenchmarkTests {
    /// What a measurement's line says, as far as all of them say it.
    private struct Line: Decodable {
      var name: String
      var events: Int
      var lost: Int
      var duplicated: Int
    }

    private static let program = Binaries.folder.appending(component: "groundswell-bench")

    private static let measurements: [(command: String, names: [String])] = [
      ("bus --events 2000", ["bus"]),
      ("bus --events 500 --rate 500 --data FOLDER", ["bus"]),
      ("bus --events 500 --mode single --callers 50", ["bus.single"]),
      ("bus --events 2000 --curve --decode", ["bus.curve.decoded"]),
      ("replay --events 5000", ["replay", "replay.applied"]),
      ("replay --events 5000 --curve", ["replay.curve", "replay.applied.curve"]),
      (
        "growth --events 6000 --sample 1000",
        ["growth.bus.start", "growth.replay.start", "growth.bus.end", "growth.replay.end"]
      ),
      ("stuck --events 20000", ["stuck.before", "stuck.during", "stuck.after"]),
      ("kill --kills 2 --rate 1000 --limit-milliseconds 30000", ["kill"]),
      ("calls --calls 100 --messages 1000", calls),
      ("calls --calls 100 --messages 1000 --curve", calls.map { "\($0).curve" }),
      ("pipeline --events 200 --programmes 4 --instances 2", ["pipeline.ranking", "pipeline.loopClosure"]),
    ]

    private static let calls =
      ["raw", "json", "raw.callers32", "json.callers32"].map { "calls.unary.\($0)" }
      + ["serverStream.raw", "serverStream.json", "clientStream.json", "clientStream.raw"].map { "calls.\($0)" }

    @Test(.timeLimit(.minutes(2)), arguments: measurements)
    func nothingIsLostWhileItIsMeasured(command: String, names: [String]) async throws {
      try await withTemporaryDirectory { directory in
        let arguments = command.split(separator: " ").map { $0 == "FOLDER" ? directory.path : String($0) }
        let result = try await Command.run(Self.program, arguments + ["--json"])
        #expect(result.status == 0, "\(result.errors)")
        let lines = try result.text.split(separator: "\n").map { line in
          try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        }
        #expect(lines.map(\.name) == names)
        for line in lines { #expect(line.events > 0 && line.lost == 0 && line.duplicated == 0, "\(line)") }
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(left == [])
      }
    }

    /// What `deploy/bench` and the benchmarks' README offer is what has been run above, and what there is.
    @Test func everyMeasurementIsKnown() async throws {
      let run = Set(Self.measurements.compactMap { $0.command.split(separator: " ").first })
      let help = try await Command.run(Self.program, ["--help"]).text
      let offered = help.matches(of: /^ {2}([a-z]+) +[A-Z]/.anchorsMatchLineEndings()).map(\.output.1)
      #expect(Set(offered) == run)
      let readme = try String(contentsOf: Binaries.root.appending(path: "Tests/Benchmarks/README.md"), encoding: .utf8)
      let first = try #require(readme.firstMatch(of: /`deploy\/bench ([a-z|]+)`/)).output.1
      #expect(Set(first.split(separator: "|")) == run)
    }
  }
}
