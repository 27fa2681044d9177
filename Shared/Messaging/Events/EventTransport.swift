package import Contracts
package import Records

/// The way that journals travel between processes: what a log such as NATS JetStream would have to offer in the place
/// of ZeroMQ. `EventTransportConformance` in the tests says what every transport must stand.
///
/// Two halves on purpose: the live feed is fast and may lose, repeat or reorder; the journal is slower and exact.
/// `SubscriptionMachine` makes one exact stream of both, so a transport needs no guarantees of its own.
package protocol EventTransport: Sendable {
  /// Begins to publish, as one instance of a service.
  /// - Parameter heads: how far each of its streams has got; what is published continues them.
  func publisher(of heads: [HeadVector]) async throws -> any EventPublishing

  /// Prepares the live feed of one stream, turned off. Whatever comes through it goes to `inbox`.
  func liveFeed(of stream: StreamName, instance: UInt16, into inbox: SubscriptionInbox) async throws -> any LiveFeed

  /// The journal of one stream.
  func journal(of stream: StreamName, instance: UInt16) async throws -> any JournalSource

  /// Where a subscription's own steps are best taken: on the thread that the live feed arrives on, so that a frame is
  /// checked there. Nil where any thread will do.
  var executor: (any TaskExecutor)? { get }
}

extension EventTransport {
  package var executor: (any TaskExecutor)? { nil }
}

/// The publishing side of a transport.
package protocol EventPublishing: Sendable {
  /// Puts frames on the live feed, in the order of their positions, once they are durable.
  ///
  /// Returns at once, whatever state the subscribers are in. What doesn't fit the bounded queues is dropped; the head
  /// announced when the stream falls quiet lets every subscriber find out, and its journal holds the rest.
  func publish(_ frames: [RecordFrame])

  /// Stops announcing and lets go of what it holds.
  func close() async
}

/// The switch of a live feed.
package protocol LiveFeed: Sendable {
  /// Asks for the stream; when it was asked for before, asks again. The publisher answers with a welcome.
  func subscribe()
  func unsubscribe()
  func close() async
}

/// Reads a publisher's journal.
package protocol JournalSource: Sendable {
  /// Hands over the frames after a place, batch by batch in order, up to the head as it is on the way there.
  ///
  /// The next batch is fetched once `receive` has returned: that is the reader's credit. The first frame may begin
  /// before the place, where that lies inside a frame.
  /// - Returns: the head that was reached.
  /// - Throws: `Fault`: `.failedPrecondition` where the place is not part of this history, `.outOfRange` where the
  ///   records after it have been trimmed, `.permissionDenied`, `.unavailable`, `.dataLoss`; and whatever `receive`
  ///   throws.
  func read(
    _ place: JournalPlace,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector

  /// Hands over the frames that tell the publisher's state, in order, as they are read: the next ones are fetched once
  /// `receive` has returned. `SnapshotSource` checks that they follow one another.
  /// - Returns: the place in the journal whose state it is.
  /// - Throws: `Fault`: `.unimplemented` where no snapshot is made of the stream, `.permissionDenied`, `.unavailable`,
  ///   `.resourceExhausted`, `.dataLoss`; and whatever `receive` throws.
  func snapshot(
    of stream: StreamName,
    instance: UInt16,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector

  /// The heads of all streams that may be read there.
  func heads() async throws -> [HeadVector]
}

/// Where in whose journal to begin reading.
package struct JournalPlace: Hashable, Sendable {
  package var stream: StreamName
  package var instance: UInt16
  /// Compared only where there is no chain hash to compare.
  package var epoch: UInt64?
  package var after: HistoryMark

  package init(stream: StreamName, instance: UInt16, epoch: UInt64? = nil, after: HistoryMark) {
    self.stream = stream
    self.instance = instance
    self.epoch = epoch
    self.after = after
  }
}
