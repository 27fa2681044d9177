package import Contracts
import GRPCCore
import GRPCInProcessTransport
package import Messaging
package import Records
package import ServiceRuntime
import Storage
import Synchronization

/// Where services in one process meet: their live feeds, their journals, and whoever answers their calls.
///
/// A service may come and go; those that follow or call it find whoever is there at the moment.
package final class InMemoryHub: Sendable {
  package let events: InMemoryEventTransport
  private let state = Mutex(State())

  private struct State {
    var journals: [Ownership.Upstream: JournalService] = [:]
    /// By the names of instances.
    var servers: [String: InProcessTransport.Client] = [:]
  }

  package init(faults: InMemoryEventTransport.Faults = .init(), wallTime: @escaping @Sendable () -> Timestamp) {
    events = InMemoryEventTransport(faults: faults, wallTime: wallTime)
  }

  fileprivate func serve(_ journals: JournalService, of upstreams: [Ownership.Upstream]) {
    state.withLock { state in
      for upstream in upstreams { state.journals[upstream] = journals }
    }
  }

  fileprivate func journals(of upstream: Ownership.Upstream) -> JournalService? {
    state.withLock { $0.journals[upstream] }
  }

  fileprivate func join(_ service: String, _ server: InProcessTransport.Client) {
    state.withLock { $0.servers[service] = server }
  }

  /// New calls don't find it any more; those under way go on.
  fileprivate func removeServer(_ name: String) {
    state.withLock { $0.servers[name] = nil }
  }

  fileprivate func leave(_ service: ServiceProfile, instance: UInt16) {
    state.withLock { state in
      for stream in service.streams {
        state.journals[Ownership.Upstream(stream: stream, instance: instance)] = nil
      }
      state.servers[Self.name(of: service, instance: instance)] = nil
    }
  }

  /// Under which an instance answers: its service's, and the number of every instance but the first.
  package static func name(of service: ServiceProfile, instance: UInt16) -> String {
    instance == 0 ? service.name : "\(service.name)-\(instance)"
  }

  fileprivate func server(of service: String) -> InProcessTransport.Client? {
    state.withLock { $0.servers[service] }
  }

  /// A client of whatever answers under that name at the time of each call.
  package func client(of service: String, as principal: Principal) throws -> CallClient {
    try CallClient(over: HubClientTransport(hub: self, service: service), as: principal)
  }
}

/// One service's view of the hub.
package final class InMemoryNetwork: ServiceNetwork {
  package let events: any EventTransport
  private let hub: InMemoryHub
  private let profile: ServiceProfile
  private let instance: UInt16
  private let counts: [ServiceProfile: UInt16]
  /// The client's end of this service's server.
  private let carried = Mutex<InProcessTransport.Client?>(nil)

  /// - Parameters:
  ///   - instance: which instance of its service it is.
  ///   - known: the services that may be followed, there or not.
  ///   - counts: how many instances of a service there are, where it isn't one.
  package init(
    _ hub: InMemoryHub,
    for profile: ServiceProfile,
    instance: UInt16 = 0,
    known: [ServiceProfile] = ServiceProfile.all,
    counts: [ServiceProfile: UInt16] = [:]
  ) {
    self.hub = hub
    self.profile = profile
    self.instance = instance
    self.counts = counts
    events = hub.events
    let principal = Principal(role: .program, name: profile.name)
    for service in known {
      for stream in service.streams {
        for number in 0..<counts[service, default: 1] {
          let upstream = Ownership.Upstream(stream: stream, instance: number)
          let journal = HubJournal(hub: hub, upstream: upstream, principal: principal)
          hub.events.serve(journal, as: stream, instance: number)
        }
      }
    }
  }

  package func instances(of service: ServiceProfile) throws -> [UInt16] { Array(0..<counts[service, default: 1]) }

  package func serve(_ journals: JournalService, of heads: [HeadVector], with handlers: inout CallHandlers) {
    hub.serve(journals, of: heads.map { Ownership.Upstream($0.identity) })
  }

  private var name: String { InMemoryHub.name(of: profile, instance: instance) }

  package func answer(_ handlers: CallHandlers, observer: @escaping CallObserver) throws -> AnsweringServer {
    let transport = InProcessTransport()
    let name = name
    hub.join(name, transport.client)
    let server = DrainingServerTransport(transport.server) { [hub] in hub.removeServer(name) }
    return AnsweringServer(server: CallServer(over: server, handlers, observer: observer)) {
      "in process: \(name)"
    }
  }

  package func client(of service: ServiceProfile, instance: UInt16, as principal: Principal) throws -> CallClient {
    try hub.client(of: InMemoryHub.name(of: service, instance: instance), as: principal)
  }

  /// Carries calls to the service for as long as it answers.
  package func carryCalls() async throws {
    let client = hub.server(of: name)
    carried.withLock { $0 = client }
    try await client?.connect()
  }

  package func close() async {
    hub.leave(profile, instance: instance)
    carried.withLock { $0 }?.beginGracefulShutdown()
  }
}

/// Lets accepted calls finish when a stop begins, as the transport over ZeroMQ does; GRPCCore's own transport inside a
/// process cancels them.
private final class DrainingServerTransport: ServerTransport {
  typealias Bytes = [UInt8]

  private struct State {
    var running = 0
    var isDraining = false
  }

  private let inner: InProcessTransport.Server
  private let state = Mutex(State())
  private let willDrain: @Sendable () -> Void

  init(_ inner: InProcessTransport.Server, willDrain: @escaping @Sendable () -> Void) {
    self.inner = inner
    self.willDrain = willDrain
  }

  @concurrent func listen(
    streamHandler: @escaping @Sendable @concurrent (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    try await inner.listen { [self] stream, context in
      state.withLock { $0.running += 1 }
      await streamHandler(stream, context)
      let isLast = state.withLock { state in
        state.running -= 1
        return state.isDraining && state.running == 0
      }
      if isLast { inner.beginGracefulShutdown() }
    }
  }

  func beginGracefulShutdown() {
    willDrain()
    let isIdle = state.withLock { state in
      state.isDraining = true
      return state.running == 0
    }
    if isIdle { inner.beginGracefulShutdown() }
  }
}

/// Reads a journal of whoever serves it at the time.
private struct HubJournal: JournalSource {
  let hub: InMemoryHub
  let upstream: Ownership.Upstream
  let principal: Principal

  func read(
    _ place: JournalPlace,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await source().read(place, receive)
  }

  func snapshot(
    of stream: StreamName,
    instance: UInt16,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await source().snapshot(of: stream, instance: instance, receive)
  }

  func heads() async throws -> [HeadVector] { try await source().heads() }

  private func source() throws -> LocalJournalSource {
    guard let journals = hub.journals(of: upstream) else {
      throw Fault(.unavailable, reason: "notThere", "Nobody serves the journal of \(upstream.stream) at the moment.")
    }
    return LocalJournalSource(journals, as: principal)
  }
}

/// Finds the server anew for each call.
private final class HubClientTransport: ClientTransport {
  typealias Bytes = [UInt8]

  let retryThrottle: RetryThrottle? = nil
  private let hub: InMemoryHub
  private let service: String
  private let closing = AsyncStream.makeStream(of: Never.self)

  init(hub: InMemoryHub, service: String) {
    self.hub = hub
    self.service = service
  }

  func connect() async throws {
    for await _ in closing.stream {}
  }

  func beginGracefulShutdown() {
    closing.continuation.finish()
  }

  @concurrent func withStream<Result: Sendable>(
    descriptor: MethodDescriptor,
    options: CallOptions,
    _ closure: @concurrent (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
  ) async throws -> Result {
    guard let server = hub.server(of: service) else {
      throw RPCError(code: .unavailable, message: "\(service) is not there")
    }
    return try await server.withStream(descriptor: descriptor, options: options, closure)
  }

  func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? { nil }
}
