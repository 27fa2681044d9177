import Foundation
import Logging
import ServiceRuntime
import TestSupport
import Testing

@Suite struct SettingsTests {
  private let boardSize = Setting<Int>.integer("board-size", default: 20, in: 1...200, "How many are shown.")
  private let apiKey = Setting<String?>.optionalText("api-key", isSecret: true, "Key of the other side.")

  private func load(
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    file: String? = nil
  ) async throws -> Settings {
    try await withTemporaryDirectory { directory in
      var environment = environment
      if let file {
        environment["GROUNDSWELL_CONFIG"] = directory.path(of: "settings.json")
        try Data(file.utf8).write(to: URL(filePath: directory.path(of: "settings.json")))
      }
      return try await Settings.load(
        for: .ranking,
        own: [boardSize, apiKey],
        arguments: ["groundswell-ranking"] + arguments,
        environment: environment
      )
    }
  }

  private func problems(
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    file: String? = nil
  ) async throws -> [String] {
    do {
      _ = try await load(arguments, environment: environment, file: file)
      return []
    } catch let error as ConfigurationError {
      return error.problems
    }
  }

  @Test func defaultsHoldWhereNothingIsSet() async throws {
    let settings = try await load()
    #expect(settings[StandardSettings(.ranking).publish] == "tcp://127.0.0.1:7420")
    #expect(settings[StandardSettings(.ranking).admin] == HostAndPort(host: "127.0.0.1", port: 7422))
    #expect(settings[StandardSettings.logLevel] == .info)
    #expect(settings[boardSize] == 20)
    #expect(settings.origin(of: boardSize.declaration) == .standard)
  }

  @Test func flagsBeforeEnvironmentBeforeFileBeforeDefaults() async throws {
    let file = #"{"board-size": 1, "ranking": {"board-size": 2}, "ingestion": {"anything": true}}"#
    let nowhere = try await problems(file: file)
    #expect(nowhere.count == 1, "a service's own setting does not stand at the top of the file")

    let own = #"{"log-level": "error", "ranking": {"board-size": 2, "log-level": "debug"}}"#
    let fromFile = try await load(file: own)
    #expect(fromFile[boardSize] == 2)
    #expect(fromFile[StandardSettings.logLevel] == .debug, "a service's section wins over the top level")

    let shared = ["GROUNDSWELL_BOARD_SIZE": "3"]
    #expect(try await load(environment: shared, file: own)[boardSize] == 3)
    let mine = shared.merging(["GROUNDSWELL_RANKING_BOARD_SIZE": "4"]) { $1 }
    #expect(try await load(environment: mine, file: own)[boardSize] == 4)
    let settings = try await load(["--board-size", "5"], environment: mine, file: own)
    #expect(settings[boardSize] == 5)
    #expect(settings.origin(of: boardSize.declaration) == .flag("--board-size"))
  }

  @Test func printedConfigurationNamesOriginsAndHidesSecrets() async throws {
    let report = try await load(
      ["--log-level=warning"],
      environment: ["GROUNDSWELL_RANKING_API_KEY": "hunter2"],
      file: #"{"ranking": {"board-size": 7}}"#
    ).report
    #expect(!report.contains("hunter2"))
    let lines = report.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("api-key = (hidden)") && $0.hasSuffix("GROUNDSWELL_RANKING_API_KEY") })
    #expect(lines.contains { $0.hasPrefix("log-level = warning") && $0.hasSuffix("# flag --log-level") })
    #expect(lines.contains { $0.hasPrefix("board-size = 7") && $0.hasSuffix("settings.json (ranking.board-size)") })
    #expect(lines.contains { $0.hasPrefix("instance = 0") && $0.hasSuffix("# default") })
  }

  @Test func textsKeepTheirCommasAndListsAreSplit() async throws {
    let settings = try await load([
      "--data", "a,b", "--upstream", "ingestion=tcp://10.0.0.1:7410,loop-closure=tcp://10.0.0.2:7440",
      "--upstream", "gateway=ipc:///run/g",
    ])
    #expect(settings[StandardSettings.data] == "a,b")
    #expect(settings[StandardSettings.upstream].map(\.service) == ["ingestion", "loop-closure", "gateway"])
  }

  @Test func unknownFlagsAreRefusedWithTheLikelyName() async throws {
    #expect(
      try await problems(["--board-sise", "3"]) == ["there is no setting --board-sise; did you mean --board-size?"]
    )
    #expect(try await problems(["--colour", "red"]) == ["there is no setting --colour; see --help"])
    #expect(try await problems(["start"]).count == 1)
    #expect(try await problems(["--data"]) == ["--data needs a value DIR"])
    #expect(try await problems(["--data", "a", "--data", "b"]) == ["--data is given twice"])
  }

  @Test func badValuesSayWhatAndWhere() async throws {
    #expect(
      try await problems(["--board-size", "500"])
        == ["board-size: '500' must lie between 1 and 200 (flag --board-size)"]
    )
    #expect(
      try await problems(environment: ["GROUNDSWELL_BOARD_SIZE": "many"])
        == ["board-size: the value of environment GROUNDSWELL_BOARD_SIZE must be a whole number"]
    )
    #expect(
      try await problems(["--log-level", "loud", "--publish", "127.0.0.1"]).count == 2,
      "every problem is named"
    )
    #expect(try await problems(["--upstream", "weather=tcp://a:1"]).first?.contains("must name one of") == true)
  }

  @Test(arguments: [
    ("{", "this is not JSON"), ("[]", "must hold one JSON object"), (#"{"rankin": {}}"#, "\"rankin\""),
    (#"{"ranking": {"board-sise": 1}}"#, "\"board-sise\""), (#"{"ranking": 3}"#, "must be an object"),
    (#"{"ranking": {"board-size": 1, "board-size": 2}}"#, "ranking.board-size: The member 'board-size' stands twice"),
  ])
  func badFilesAreRefused(_ file: String, _ complaint: String) async throws {
    let problems = try await problems(file: file)
    #expect(problems.count == 1)
    #expect(problems.first?.contains(complaint) == true, "\(problems)")
  }

  @Test func aMissingFileIsRefused() async throws {
    let problems = try await problems(["--config", "/nowhere/settings.json"])
    #expect(problems.first?.hasPrefix("/nowhere/settings.json: the configuration file can't be read") == true)
  }
}
