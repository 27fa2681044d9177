package import Contracts
package import Records

/// Events over ZeroMQ: XPUB to SUB for the live feed, `journal.v1` calls for the journal.
package struct ZeroMQEventTransport: EventTransport {
  /// Where another service's streams are to be had.
  package struct Upstream: Sendable {
    package var events: Endpoint
    package var journal: any JournalSource
    package var security: ClientSecurity

    /// - Parameter events: where this very stream is published; see `Endpoint.ofStream`.
    package init(events: Endpoint, journal: any JournalSource, security: ClientSecurity = .plain) {
      self.events = events
      self.journal = journal
      self.security = security
    }
  }

  private let thread: SocketThread
  private let publishingEndpoint: Endpoint
  private let security: ServerSecurity
  private let wallTime: @Sendable () -> Timestamp
  private let upstream: @Sendable (StreamName, UInt16) throws -> Upstream

  /// - Parameters:
  ///   - publishingEndpoint: where this service publishes.
  ///   - upstream: finds the publisher of a stream; throws where the configuration names none.
  package init(
    on thread: SocketThread,
    publishingAt publishingEndpoint: Endpoint,
    security: ServerSecurity = .plain,
    wallTime: @escaping @Sendable () -> Timestamp,
    upstream: @escaping @Sendable (StreamName, UInt16) throws -> Upstream
  ) {
    self.thread = thread
    self.publishingEndpoint = publishingEndpoint
    self.security = security
    self.wallTime = wallTime
    self.upstream = upstream
  }

  package var executor: (any TaskExecutor)? { thread.executor }

  package func publisher(of heads: [HeadVector]) async throws -> any EventPublishing {
    try await EventPublisher(
      heads: heads,
      on: thread,
      at: publishingEndpoint,
      security: security,
      wallTime: wallTime
    )
  }

  package func liveFeed(
    of stream: StreamName,
    instance: UInt16,
    into inbox: SubscriptionInbox
  ) async throws -> any LiveFeed {
    let upstream = try upstream(stream, instance)
    return try await ZeroMQLiveFeed.connect(
      to: upstream.events,
      stream: stream,
      into: inbox,
      on: thread,
      security: upstream.security
    )
  }

  package func journal(of stream: StreamName, instance: UInt16) async throws -> any JournalSource {
    try upstream(stream, instance).journal
  }
}
