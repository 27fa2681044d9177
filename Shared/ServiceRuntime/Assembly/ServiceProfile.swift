package import Contracts

/// Who a service is to the others: its name, the streams it writes, and the ports it takes unless told otherwise.
package struct ServiceProfile: Hashable, Sendable {
  /// Lower case with hyphens: section in the configuration file, label in logs and metrics, name of the store's file.
  package let name: String
  /// The streams that this service decides on, each with one journal in its store.
  package let streams: [StreamName]
  /// Default port of its event publications.
  package let publishPort: Int
  /// Default port of the HTTP application, where it has one.
  package let httpPort: Int?
  /// Whether its instances divide the programmes among them; else any of them may be asked for anything.
  package let isPartitioned: Bool

  package init(
    name: String,
    streams: [StreamName],
    publishPort: Int,
    httpPort: Int? = nil,
    isPartitioned: Bool = false
  ) {
    self.name = name
    self.streams = streams
    self.publishPort = publishPort
    self.httpPort = httpPort
    self.isPartitioned = isPartitioned
  }

  /// Default port for calls: the one after `publishPort`.
  package var answerPort: Int { publishPort + 1 }
  /// Default port for health and metrics: the second after `publishPort`.
  package var adminPort: Int { publishPort + 2 }

  package static let ingestion = ServiceProfile(
    name: "ingestion",
    streams: [.ingestion, .scores, .observations],
    publishPort: 7410,
    httpPort: 8081
  )
  package static let ranking = ServiceProfile(
    name: "ranking",
    streams: [.ranking],
    publishPort: 7420,
    isPartitioned: true
  )
  package static let goalSetting = ServiceProfile(
    name: "goal-setting",
    streams: [.goalSetting],
    publishPort: 7430,
    isPartitioned: true
  )
  package static let loopClosure = ServiceProfile(
    name: "loop-closure",
    streams: [.loopClosure],
    publishPort: 7440,
    isPartitioned: true
  )
  package static let gateway = ServiceProfile(
    name: "gateway",
    streams: [.directory],
    publishPort: 7450,
    httpPort: 8080
  )

  /// The services of Groundswell, in the order in which feedback flows through them.
  package static let all = [ingestion, ranking, goalSetting, loopClosure, gateway]

  /// The service that writes `stream`, where it is one of Groundswell's own.
  package static func owner(of stream: StreamName) -> ServiceProfile? {
    all.first { $0.streams.contains(stream) }
  }
}
