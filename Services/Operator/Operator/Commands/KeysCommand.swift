import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// `groundswell keys`: the keys by which programs prove who they are to each other.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make keys for encrypted connections. Secret keys stay in their files and are never printed.",
    subcommands: [NewKeyCommand.self, PublicKeyCommand.self, ClusterKeysCommand.self]
  )
}

/// `groundswell keys new NAME`
struct NewKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a key pair: NAME.key_secret for the program alone, NAME.key for everybody."
  )
  @Argument(help: "Whose keys they are, e.g. ranking or survey-import.") var name: String
  @Option(name: .long, help: "Directory of the files; made when missing.") var out = "."

  func run() async throws {
    try await reportingFailures {
      let (publicKey, secretPath) = try KeyFile.create(named: name, in: out)
      complain("the secret key is in \(secretPath); keep it from everybody but \(name)")
      print(publicKey)
    }
  }
}

/// `groundswell keys public FILE`
struct PublicKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "public",
    abstract: "Print the public key of a key file, as the allow-list wants it."
  )
  @Argument(help: "NAME.key or NAME.key_secret.") var file: String

  func run() async throws {
    try await reportingFailures { print(try KeyFile.readPublicKey(at: file)) }
  }
}

/// `groundswell keys cluster`
struct ClusterKeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Make keys for all services and the command line, an allow-list, and settings that name them."
  )
  @Option(name: .long, help: "Directory of the files; made when missing.") var out = "keys"

  func run() async throws {
    try await reportingFailures {
      let cluster = ClusterKeys(directory: URL(filePath: out).path)
      try cluster.create()
      print(
        """
        Keys and allow-list.json are in \(cluster.directory), settings in settings.json there.
        Start each service with --config \(cluster.directory)/settings.json, or take what it says into your own settings.
        A host needs its own services' .key_secret files and allow-list.json, nothing else.
        """
      )
    }
  }
}

/// The keys, the allow-list and the settings of a whole Groundswell.
struct ClusterKeys {
  let directory: String

  private static let commandLine = ServiceProfile.operator.name

  /// - Throws: `KeyFileError`; nothing that is there already is overwritten.
  func create() throws {
    let listPath = "\(directory)/allow-list.json"
    let settingsPath = "\(directory)/settings.json"
    for path in [listPath, settingsPath] where FileManager.default.fileExists(atPath: path) {
      throw KeyFileError("\(path) is there already; choose another directory, or make single keys with keys new")
    }
    var entries: [JSONValue] = []
    var settings: [String: JSONValue] = ["allow-list": .string(listPath)]
    for service in ServiceProfile.all.map(\.name) + [ClusterKeys.commandLine] {
      let (key, secretPath) = try KeyFile.create(named: service, in: directory)
      entries.append(ClusterKeys.entry(of: service, key))
      settings[service] = ["secret-key-file": .string(secretPath)]
    }
    try write(["keys": .array(entries)], to: listPath)
    try write(.object(settings), to: settingsPath)
  }

  /// What a service needs by what Contracts says: the streams that it follows and the journals of those. The gateway
  /// and the command line ask everything on behalf of people.
  private static func entry(of name: String, _ key: CurvePublicKey) -> JSONValue {
    var entry: [String: JSONValue] = ["name": .string(name), "publicKeys": [.string(key.description)]]
    if let consumer = AllowList.Consumer(rawValue: name) {
      entry["streams"] = .array(AllowList.streams(for: consumer).keys.sorted().map { .string($0.rawValue) })
    } else {
      entry["streams"] = ["*"]
    }
    if name == ServiceProfile.gateway.name || name == commandLine {
      entry["methods"] = ["*"]
      entry["programmes"] = ["*"]
      entry["speaksFor"] = ["*"]
    } else {
      entry["methods"] = ["journal.v1/*", "health.v1/*"]
    }
    return .object(entry)
  }

  private func write(_ value: JSONValue, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(value).write(to: URL(filePath: path), options: [.withoutOverwriting])
  }
}
