import ArgumentParser
import Contracts
import Foundation
import ServiceRuntime

/// The flags that every command has.
struct ConnectionOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document.")
  var json = false

  @Option(name: .shortAndLong, help: "The programme; not needed where there is only one.")
  var programme: String?

  @Option(name: .long, help: ArgumentHelp("Where a service answers calls.", valueName: "service=endpoint"))
  var peer: [String] = []

  @Option(name: .long, help: "JSON file of settings; also GROUNDSWELL_CONFIG.")
  var config: String?

  @Option(name: .long, help: "Directory of stores, logs and import state; also GROUNDSWELL_DATA.")
  var data: String?

  @Option(name: .long, help: "This program's secret key, for encrypted connections; also GROUNDSWELL_SECRET_KEY_FILE.")
  var secretKeyFile: String?

  @Option(name: .long, help: "The allow-list with the services' public keys; also GROUNDSWELL_ALLOW_LIST.")
  var allowList: String?

  @Option(name: .long, help: "How many seconds to wait for an answer.")
  var timeout = 10

  @Option(name: .long, help: "On whose behalf, e.g. employee:ana or team:porto.")
  var by: String?

  @Option(name: .long, help: "The id under which a change is made at most once; a new one where it isn't given.")
  var requestID: String?

  var output: Output { Output(isJSON: json) }

  /// Flags that are spelled the same for services, for the one reader of settings.
  var settingArguments: [String] {
    peer.flatMap { ["--peer", $0] } + (config.map { ["--config", $0] } ?? []) + (data.map { ["--data", $0] } ?? [])
  }

  /// The command line's own keys, which are nobody else's.
  private var keyArguments: [String] {
    (secretKeyFile.map { ["--secret-key-file", $0] } ?? []) + (allowList.map { ["--allow-list", $0] } ?? [])
  }

  func settings() async throws -> Settings {
    do {
      return try await Settings.load(
        for: .operator,
        arguments: ["groundswell"] + settingArguments + keyArguments,
        environment: ProcessInfo.processInfo.environment
      )
    } catch {
      throw ConnectionError("\(error)")
    }
  }

  /// Connects, runs `work`, and reports what went wrong.
  func withConnection<Value: Sendable>(_ work: (Connection) async throws -> Value) async throws -> Value {
    try await reportingFailures {
      let settings = try await settings()
      return try await Connection.open(settings: settings, options: self) { connection in
        try await work(connection)
      }
    }
  }

  var principal: Principal {
    let parts = (by ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last) {
    case ("employee", let id?) where parts.count == 2:
      return Principal(role: .frontLine, name: id, employee: ID(id))
    case ("team", let id?) where parts.count == 2:
      return Principal(role: .frontLine, name: id, team: ID(id))
    default:
      return Principal(role: .manager, name: by ?? NSUserName())
    }
  }
}

/// The settings can't be read, so no service can be found.
struct ConnectionError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension ServiceProfile {
  /// The command line, as far as settings go.
  static let `operator` = ServiceProfile(name: "operator", streams: [], publishPort: 7460)
}
