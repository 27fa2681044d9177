package import Contracts
package import Logging
package import Messaging
package import Records
package import ServiceLifecycle

/// How one service reaches the others: over ZeroMQ between processes, through memory inside one.
package protocol ServiceNetwork: Sendable {
  /// Journals, live and to be read, of this service and of those that it follows.
  var events: any EventTransport { get }

  /// The instances of another service that can be followed and called, by their numbers.
  func instances(of service: ServiceProfile) throws -> [UInt16]

  /// Lets others read this service's journals, by calls beside the service's own or in some other way.
  func serve(_ journals: JournalService, of heads: [HeadVector], with handlers: inout CallHandlers)

  /// A server for this service's calls, not yet running.
  func answer(_ handlers: CallHandlers, observer: @escaping CallObserver) throws -> AnsweringServer

  /// A client of another service's instance, not yet running.
  func client(of service: ServiceProfile, instance: UInt16, as principal: Principal) throws -> CallClient

  /// What has to run beside the service for the network to work.
  func upkeep(logger: Logger) -> [any Service]

  /// What the network counts, for metrics.
  var samples: [MetricSample] { get }

  /// Lets go of threads and sockets, once nothing uses them any more.
  func close() async
}

extension ServiceNetwork {
  package func upkeep(logger: Logger) -> [any Service] { [] }
  package var samples: [MetricSample] { [] }
}

/// A server and the place where it listens.
package struct AnsweringServer: Sendable {
  package let server: CallServer
  /// Waits until the server listens; then where, with the ports that were chosen.
  /// - Throws: why it can't.
  package let listening: @Sendable () async throws -> String

  package init(server: CallServer, listening: @escaping @Sendable () async throws -> String) {
    self.server = server
    self.listening = listening
  }
}
