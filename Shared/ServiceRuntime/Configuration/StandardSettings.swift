package import Contracts
package import Logging
package import Storage

/// The settings that every service has.
package struct StandardSettings: Sendable {
  package let publish: Setting<String>
  package let answer: Setting<String>
  package let admin: Setting<HostAndPort>
  /// Present where the service has an HTTP application.
  package let http: Setting<HostAndPort>?

  package init(_ profile: ServiceProfile) {
    publish = .text(
      "publish",
      default: "tcp://127.0.0.1:\(profile.publishPort)",
      placeholder: "ENDPOINT",
      "Where events are published (XPUB).",
      check: Endpoints.check
    )
    answer = .text(
      "answer",
      default: "tcp://127.0.0.1:\(profile.answerPort)",
      placeholder: "ENDPOINT",
      "Where calls are answered (ROUTER).",
      check: Endpoints.check
    )
    admin = StandardSettings.address(
      "admin",
      port: profile.adminPort,
      "Where /healthz, /readyz and /metrics are served."
    )
    http = profile.httpPort.map { StandardSettings.address("http", port: $0, "Where the HTTP application is served.") }
  }

  private static func address(_ name: String, port: Int, _ explanation: String) -> Setting<HostAndPort> {
    let fallback = HostAndPort(host: "127.0.0.1", port: port)
    return .parsed(
      name,
      default: fallback,
      as: fallback.description,
      placeholder: "HOST:PORT",
      explanation,
      parse: HostAndPort.parse
    )
  }

  package static let data = Setting<String>.text(
    "data",
    default: ".groundswell",
    placeholder: "DIR",
    "Directory of the stores; made when missing."
  )
  package static let instance = Setting<Int>.integer(
    "instance",
    default: 0,
    in: 0...65_535,
    "Number of this instance among those of its service."
  )
  package static let partitions = Setting<PartitionSet?>.parsed(
    "partitions",
    default: nil,
    as: "",
    placeholder: "0-31,40",
    "What a new store owns of the 64 partitions; all for instance 0 and none for others unless set. Later: groundswell move."
  ) { (text) throws(SettingProblem) in
    guard let partitions = PartitionSet(text) else {
      throw SettingProblem("must be numbers and ranges below 64, such as 0-31,40, or all, or none")
    }
    return partitions
  }
  package static let upstream = Setting<[PeerEndpoint]>.list(
    "upstream",
    placeholder: "SERVICE=ENDPOINT",
    "Where another service publishes; once for each of its instances, instance 0 first. Its calls are taken to be one port further unless --peer says otherwise.",
    parse: PeerEndpoint.parse
  )
  package static let peer = Setting<[PeerEndpoint]>.list(
    "peer",
    placeholder: "SERVICE=ENDPOINT",
    "Where another service answers calls; once for each of its instances, instance 0 first.",
    parse: PeerEndpoint.parse
  )
  package static let secretKeyFile = Setting<String?>.optionalText(
    "secret-key-file",
    placeholder: "PATH",
    "This program's secret key (groundswell keys new): ZeroMQ is encrypted. Needs --allow-list."
  )
  package static let allowList = Setting<String?>.optionalText(
    "allow-list",
    placeholder: "PATH",
    "JSON file of the keys that may connect and what each may do, and of the services' own keys. Read again on change."
  )
  package static let allowPlainHTTP = Setting<Bool>.flag(
    "allow-plain-http",
    "Let HTTP listen beyond loopback: somebody in front of it encrypts and authenticates."
  )
  package static let logLevel = Setting<Logger.Level>.choice(
    "log-level",
    default: .info,
    "Least severe messages that are logged."
  )
  package static let logFormat = Setting<LogFormat>.choice(
    "log-format",
    default: .human,
    "Lines for people, or a JSON object a line for collectors."
  )
  package static let shutdownSeconds = Setting<Int>.integer(
    "shutdown-seconds",
    default: 10,
    in: 0...3600,
    "How long a stop may take to finish what was accepted."
  )
  package static let inboxCapacity = Setting<Int>.integer(
    "inbox-capacity",
    default: 10_000,
    in: 1...1_000_000,
    "How many changes may wait for the store; further ones are refused."
  )
  package static let readers = Setting<Int>.integer(
    "readers",
    default: 4,
    in: 1...64,
    "Connections that read the store."
  )

  package static let checkpoints = Setting<StoreConfiguration.Checkpoints>.choice(
    "checkpoints",
    default: .own,
    "Who copies the store's write-ahead log into it: the service, or Litestream where that runs beside it."
  )
  package static let integrityCheckHours = Setting<Int>.integer(
    "integrity-check-hours",
    default: 24,
    in: 0...8760,
    "The store is checked after a start, and then so often; 0 for only when an operator asks."
  )

  package static let journalKeepDays = Setting<Int>.integer(
    "journal-keep-days",
    default: 0,
    in: 0...36_500,
    "Records that every follower has applied go after so many days, of ingestion and directory; 0 keeps them."
  )
  package static let journalMostDays = Setting<Int>.integer(
    "journal-most-days",
    default: 0,
    in: 0...36_500,
    "Older records go even where a follower still needs them; 0 for never."
  )
  package static let journalMostMegabytes = Setting<Int>.integer(
    "journal-most-megabytes",
    default: 0,
    in: 0...1_000_000_000,
    "While a store's journals hold more, their oldest records go even where a follower needs them; 0 for no bound."
  )

  /// Only as a flag: a service that restored a backup at each start would lose what it has written.
  static let restore = Setting<String?>.optionalText(
    "restore",
    placeholder: "FILE",
    "Put a backup in the place of the store, which is kept aside, and exit."
  )
  static let config = Setting<String?>.optionalText(
    "config",
    placeholder: "PATH",
    "JSON file of settings; also GROUNDSWELL_CONFIG."
  )
  static let printConfig = Setting<Bool>.flag("print-config", "Print the configuration in force, and exit.")
  static let help = Setting<Bool>.flag("help", "Print this, and exit.")
  static let version = Setting<Bool>.flag("version", "Print the version, and exit.")

  /// All of them, in the order of help.
  package var all: [any AnySetting] {
    var all: [any AnySetting] = [publish, answer, admin]
    if let http { all.append(http) }
    return all + [
      Self.data, Self.instance, Self.partitions, Self.upstream, Self.peer, Self.secretKeyFile, Self.allowList,
      Self.allowPlainHTTP, Self.logLevel, Self.logFormat, Self.shutdownSeconds, Self.inboxCapacity, Self.readers,
      Self.checkpoints, Self.integrityCheckHours, Self.journalKeepDays, Self.journalMostDays,
      Self.journalMostMegabytes, Self.restore, Self.config, Self.printConfig, Self.help, Self.version,
    ]
  }
}
