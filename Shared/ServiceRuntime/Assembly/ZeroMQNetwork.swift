package import Contracts
package import Messaging
package import Records
import Synchronization

/// Services in processes of their own: events over XPUB and SUB, calls over ROUTER and DEALER.
package final class ZeroMQNetwork: ServiceNetwork {
  package let events: any EventTransport
  private let thread: SocketThread
  private let addresses: PeerAddresses
  private let answerEndpoint: Endpoint
  private let profile: ServiceProfile
  private let clients = JournalClients()

  /// - Throws: `ZeroMQError` for endpoints that can't be used, `ConfigurationError` for peers that don't fit.
  package init(
    _ profile: ServiceProfile,
    _ settings: Settings,
    now: @escaping @Sendable () -> Timestamp = Timestamp.now
  ) throws {
    let standard = StandardSettings(profile)
    let thread = try SocketThread()
    let addresses = PeerAddresses(settings)
    let clients = self.clients
    self.profile = profile
    self.thread = thread
    self.addresses = addresses
    answerEndpoint = try Endpoint(settings[standard.answer])
    events = ZeroMQEventTransport(
      on: thread,
      publishingAt: try Endpoint(settings[standard.publish]),
      wallTime: now
    ) { stream, instance in
      guard let owner = ServiceProfile.owner(of: stream) else {
        throw Fault(.notFound, reason: "unknownStream", "No service is known to write \(stream).")
      }
      let address = try addresses.instances(of: owner)[Int(instance)]
      return ZeroMQEventTransport.Upstream(
        events: try Endpoint(address.publish),
        journal: try clients.journal(of: owner, instance: instance)
      )
    }
  }

  package func instances(of service: ServiceProfile) throws -> [UInt16] {
    try addresses.instances(of: service).indices.map { UInt16($0) }
  }

  package func serve(_ journals: JournalService, of heads: [HeadVector], with handlers: inout CallHandlers) {
    handlers.journal(journals)
  }

  package func answer(_ handlers: CallHandlers, observer: @escaping CallObserver) throws -> AnsweringServer {
    let transport = ZeroMQServerTransport(at: [answerEndpoint], on: thread)
    return AnsweringServer(server: CallServer(over: transport, handlers, observer: observer)) {
      try await transport.boundEndpoints.map(\.description).joined(separator: " ")
    }
  }

  package func client(of service: ServiceProfile, instance: UInt16, as principal: Principal) throws -> CallClient {
    let address = try addresses.instances(of: service)[Int(instance)]
    let client = try CallClient(
      over: ZeroMQClientTransport(to: Endpoint(address.answer), on: thread),
      as: principal
    )
    clients.add(client, of: service, instance: instance)
    return client
  }

  package func close() async {
    _ = await thread.stop()
  }
}

/// The clients over which journals are read: the same that calls use.
private final class JournalClients: Sendable {
  private let clients = Mutex<[String: CallClient]>([:])

  func add(_ client: CallClient, of service: ServiceProfile, instance: UInt16) {
    clients.withLock { $0["\(service.name)/\(instance)"] = client }
  }

  func journal(of service: ServiceProfile, instance: UInt16) throws(Fault) -> any JournalSource {
    guard let client = clients.withLock({ $0["\(service.name)/\(instance)"] }) else {
      throw Fault(.unavailable, reason: "unknownInstance", "Instance \(instance) of \(service.name) has no client.")
    }
    return CallJournalSource(client)
  }
}
