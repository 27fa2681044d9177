package import Contracts
package import Records
import Synchronization

/// A publisher's state at one place of a stream's history, told in the stream's events: what a follower applies that
/// comes after the journal's beginning has been trimmed.
///
/// The state is held still as long as somebody holds this; let go of it soon.
package protocol JournalSnapshot: Sendable {
  /// The place whose state it is.
  var head: HeadVector { get }

  /// The next frames, of kind `.snapshot`, of the stream's identity, numbered and chained from 1 on; none when all have
  /// been read.
  func nextFrames() async throws -> [RecordFrame]
}

/// Where a sink gets its publisher's state.
package struct SnapshotSource: Sendable {
  package let stream: StreamName
  package let instance: UInt16
  private let journal: any JournalSource

  package init(_ journal: any JournalSource, of stream: StreamName, instance: UInt16) {
    self.journal = journal
    self.stream = stream
    self.instance = instance
  }

  /// Hands over the frames in order, each proved to follow the one before; the next come once `receive` has returned.
  /// - Returns: the place whose state it is.
  /// - Throws: `Fault`, DATA_LOSS where a frame doesn't follow on; what `receive` throws.
  package func read(
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    let place = Mutex<Cursor?>(nil)
    let head = try await journal.snapshot(of: stream, instance: instance) { frames in
      try place.withLock { place in
        for frame in frames {
          var end = place ?? Cursor(startOf: frame.header.identity)
          try follow(frame, &end)
          place = end
        }
      }
      try await receive(frames)
    }
    let isOurs = head.identity.stream == stream && head.identity.instance == instance
    guard isOurs, place.withLock({ $0 }).map({ $0.identity == head.identity }) ?? true else {
      throw Fault(
        .dataLoss,
        reason: "unusableSnapshot",
        "A snapshot of \(stream)/\(instance) ended as \(head.identity)."
      )
    }
    return head
  }

  private func follow(_ frame: RecordFrame, _ end: inout Cursor) throws(Fault) {
    do throws(Records.FrameError) {
      guard frame.header.identity == end.identity else { throw .discontinuous(at: frame.header.firstPosition) }
      try end.advance(past: frame)
    } catch {
      throw Fault(
        .dataLoss,
        reason: "unusableSnapshot",
        "A snapshot of \(stream)/\(instance) went on at \(frame.header.firstPosition) after \(end.position)."
      )
    }
  }
}

/// Bounds how many snapshots of a service's streams are read at once: each keeps its store's write-ahead log from
/// starting over.
final class SnapshotReadings: Sendable {
  static let most = 2
  private let count = Mutex(0)

  func begin() throws(Fault) {
    let isFree = count.withLock { count in
      guard count < Self.most else { return false }
      count += 1
      return true
    }
    guard isFree else {
      throw Fault(
        .resourceExhausted,
        reason: "tooManySnapshots",
        "\(Self.most) snapshots are being read here already: ask again in a moment."
      )
    }
  }

  func end() {
    count.withLock { $0 -= 1 }
  }
}

extension JournalService {
  /// How long a reader may leave a part of a snapshot untaken, while the store's state is held still for it.
  static let longestPause = Duration.seconds(30)

  /// Sends the frames of a publisher's state, then the place in the journal whose state it is.
  /// - Returns: that place.
  /// - Throws: `Fault`: UNIMPLEMENTED where the stream has no snapshots, ABORTED for a reader that takes too long,
  ///   RESOURCE_EXHAUSTED while too many read; and whatever `send` throws.
  @discardableResult
  package func snapshot(
    of stream: StreamName,
    instance: UInt16,
    for principal: Principal,
    by caller: AuthenticatedCaller? = nil,
    _ send: @escaping @Sendable (Message) async throws -> Void
  ) async throws -> HeadVector {
    let reader = JournalReader(principal: principal, caller: caller)
    let journal = try journal(JournalPlace(stream: stream, instance: instance, after: .beginning), reader)
    if let fault = journal.fault { throw fault }
    try readings.begin()
    defer { readings.end() }
    guard let snapshot = try await journal.snapshot() else {
      throw Fault(
        .unimplemented,
        reason: "noSnapshots",
        "No snapshot is made of \(stream): whoever begins to follow it needs a backup of its own kind."
      )
    }
    while true {
      let frames = try await snapshot.nextFrames()
      guard !frames.isEmpty else { break }
      // Asked each time: a key may have lost its right since the last frames.
      try checkPermission(reader, stream)
      try await withoutLongPause { try await send(.frames(frames)) }
    }
    let head = snapshot.head
    try await send(.head(head))
    return head
  }

  private func withoutLongPause(_ send: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await send() }
      group.addTask {
        try await ContinuousClock().sleep(for: Self.longestPause)
        throw Fault(
          .aborted,
          reason: "snapshotStalled",
          "The reader took nothing of the snapshot for \(Self.longestPause): ask for it again."
        )
      }
      try await group.next()
      group.cancelAll()
    }
  }
}
