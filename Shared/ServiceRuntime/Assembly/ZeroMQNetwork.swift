package import Contracts
package import Logging
package import Messaging
package import Records
package import ServiceLifecycle
import Synchronization

/// Services in processes of their own: events over XPUB and SUB, calls over ROUTER and DEALER; with CURVE where the
/// settings name keys.
package final class ZeroMQNetwork: ServiceNetwork {
  package let events: any EventTransport
  private let thread: SocketThread
  private let addresses: PeerAddresses
  private let answerEndpoint: Endpoint
  private let profile: ServiceProfile
  private let clients = JournalClients()
  private let keys: NetworkKeys?

  /// - Throws: `ZeroMQError` for endpoints that can't be used, `ConfigurationError` for peers that don't fit, and for
  ///   keys and allow-lists that can't be used.
  package init(
    _ profile: ServiceProfile,
    _ settings: Settings,
    logger: Logger = Logger(label: "groundswell.network"),
    now: @escaping @Sendable () -> Timestamp = Timestamp.now
  ) async throws {
    let standard = StandardSettings(profile)
    let keys = try NetworkKeys.load(settings)
    let thread = try SocketThread()
    // Before any socket is opened: whoever connects finds somebody who decides.
    if let keys { try await thread.authenticate(by: keys.keyring.access, logger: logger) }
    let addresses = PeerAddresses(settings)
    let clients = self.clients
    self.profile = profile
    self.keys = keys
    self.thread = thread
    self.addresses = addresses
    answerEndpoint = try Endpoint(settings[standard.answer])
    events = ZeroMQEventTransport(
      on: thread,
      publishingAt: try Endpoint(settings[standard.publish]),
      security: keys.map { .curve($0.keyring) } ?? .plain,
      wallTime: now
    ) { stream, instance in
      guard let owner = ServiceProfile.owner(of: stream) else {
        throw Fault(.notFound, reason: "unknownStream", "No service is known to write \(stream).")
      }
      let address = try addresses.instances(of: owner)[Int(instance)]
      let first = try Endpoint(address.publish)
      // With CURVE each stream has an endpoint of its own.
      let index = keys == nil ? 0 : owner.streams.firstIndex(of: stream) ?? 0
      return ZeroMQEventTransport.Upstream(
        events: try first.ofStream(stream, index: index),
        journal: try clients.journal(of: owner, instance: instance),
        security: keys.clientSecurity(of: owner)
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
    let security = keys.map { ServerSecurity.curve($0.keyring) } ?? .plain
    let transport = ZeroMQServerTransport(at: [answerEndpoint], on: thread, security: security)
    return AnsweringServer(server: CallServer(over: transport, handlers, observer: observer)) {
      try await transport.boundEndpoints.map(\.description).joined(separator: " ")
    }
  }

  package func client(of service: ServiceProfile, instance: UInt16, as principal: Principal) throws -> CallClient {
    let address = try addresses.instances(of: service)[Int(instance)]
    let client = try CallClient(
      over: ZeroMQClientTransport(
        to: Endpoint(address.answer),
        on: thread,
        security: keys.clientSecurity(of: service)
      ),
      as: principal
    )
    clients.add(client, of: service, instance: instance)
    return client
  }

  package func upkeep(logger: Logger) -> [any Service] {
    guard let keys else { return [] }
    return [AllowListWatch(path: keys.listPath, access: keys.keyring.access, logger: logger)]
  }

  package var samples: [MetricSample] {
    guard let keys else { return [] }
    let counts = keys.keyring.access.counts
    return AccessControl.Event.allCases.map { event in
      MetricSample(
        "groundswell_security_events_total",
        kind: .counter,
        labels: [("event", event.rawValue)],
        Double(counts[event] ?? 0)
      )
    }
  }

  package func close() async {
    _ = await thread.stop()
  }
}

extension NetworkKeys? {
  fileprivate func clientSecurity(of service: ServiceProfile) -> ClientSecurity {
    map { .curve($0.keyring, server: service.name) } ?? .plain
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
