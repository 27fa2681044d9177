package import Contracts
package import Foundation
package import GRDB
import Messaging
package import Records
package import Storage

/// What a service says of one of its streams to followers that come after its journal was trimmed: everything that it
/// still holds, in the stream's own events, as if it had been written only now and at once. What was erased or replaced
/// is not among it. Whoever applies it over nothing has to arrive where followers of the whole journal are.
package struct SnapshotOffer: Sendable {
  package let stream: StreamName
  let begin: @Sendable () -> any SnapshotReading

  /// - Parameter begin: begins to read from the start.
  package init(of stream: StreamName, _ begin: @escaping @Sendable () -> any SnapshotReading) {
    self.stream = stream
    self.begin = begin
  }
}

/// Reads a service's state page by page, and remembers how far it is.
package protocol SnapshotReading: Sendable {
  /// Adds what comes next to a page, until that is full. Sees the same state each time.
  /// - Returns: whether there may be more.
  mutating func read(from database: Database, into page: inout SnapshotPage) throws -> Bool
}

/// Some of a state's events.
package struct SnapshotPage {
  private var builder: FrameBuilder
  private let encoder = EventEncoder()
  private let time: Timestamp

  fileprivate init(_ builder: FrameBuilder, at time: Timestamp) {
    self.builder = builder
    self.time = time
  }

  /// Whether it holds as much as a frame should: read no more.
  package var isFull: Bool {
    builder.pendingRecordCount >= RecordFrame.mostRecords || builder.pendingByteCount >= RecordFrame.mostBytes / 2
  }

  /// - Parameter time: when it became true; left out where that isn't known.
  package mutating func add<Fact: Event>(_ event: Fact, time: Timestamp? = nil) throws {
    let body = try encoder.body(of: event)
    try add(Fact.self, programme: event.programme, key: event.key, time: time, body: body)
  }

  /// Adds an event whose body is JSON already.
  package mutating func add<Fact: Event>(
    _ type: Fact.Type,
    programme: ID<Programme>,
    key: String,
    time: Timestamp?,
    body: Data
  ) throws {
    try body.withUnsafeBytes { body in
      _ = try builder.append(
        type: Fact.type,
        programme: programme,
        key: key,
        schemaVersion: Fact.schemaVersion,
        time: time ?? self.time,
        trace: nil,
        body: body
      )
    }
  }

  /// - Returns: the page's frames, and where the next page goes on.
  fileprivate func finished() -> (frames: [RecordFrame], next: FrameBuilder) {
    var builder = self.builder
    let frames = builder.seal(at: time)
    builder.accept()
    return (frames, builder)
  }
}

/// A store's state, read as a service's offer says. One page is in memory at a time.
package actor StateSnapshot: JournalSnapshot {
  package nonisolated let head: HeadVector
  private let state: StoreSnapshot
  private var reading: any SnapshotReading
  private var builder: FrameBuilder
  private var hasMore = true
  private let time: Timestamp

  /// - Throws: `StoreError.unknownStream` where the store doesn't write the stream.
  package init(_ offer: SnapshotOffer, of state: StoreSnapshot, at time: Timestamp) throws {
    guard let head = state.heads.first(where: { $0.identity.stream == offer.stream }) else {
      throw StoreError(.unknownStream, "this store does not write the stream \(offer.stream)")
    }
    self.head = head
    self.state = state
    self.time = time
    reading = offer.begin()
    builder = FrameBuilder(resuming: HeadVector(startOf: head.identity), as: .snapshot)
  }

  package func nextFrames() async throws -> [RecordFrame] {
    while hasMore {
      let frames = try await nextPage()
      if !frames.isEmpty { return frames }
    }
    return []
  }

  private func nextPage() async throws -> [RecordFrame] {
    let (time, begun, previous) = (time, reading, builder)
    let (reading, page, more) = try await state.read { database in
      var reading = begun
      var page = SnapshotPage(previous, at: time)
      let more = try reading.read(from: database, into: &page)
      return (reading, page.finished(), more)
    }
    (self.reading, builder, hasMore) = (reading, page.next, more)
    return page.frames
  }
}
