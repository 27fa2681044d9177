package import Contracts
package import Records

/// Answers `journal.v1`: reads of a service's journals, for those who may.
package struct JournalService: Sendable {
  /// One batch of an answer.
  package enum Message: Sendable {
    case frames([RecordFrame])
    /// Everything up to here has been sent.
    case head(HeadVector)
  }

  /// Bytes of frames that are read and sent at a time: some 3,000 ordinary events.
  private static let batchBytes = 1 << 20

  private let journals: [any JournalReading]
  private let bell: JournalBell
  /// How many snapshots are being read.
  let readings = SnapshotReadings()
  private let permits: @Sendable (Principal, StreamName) -> Bool
  /// The time in UTC, for the heads that end an answer.
  let wallTime: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - bell: rung with every commit.
  ///   - permits: whether who calls may read the stream; the allow-list of Contracts, usually.
  package init(
    journals: [any JournalReading],
    bell: JournalBell,
    wallTime: @escaping @Sendable () -> Timestamp,
    permits: @escaping @Sendable (Principal, StreamName) -> Bool
  ) {
    self.journals = journals
    self.bell = bell
    self.wallTime = wallTime
    self.permits = permits
  }

  /// The heads of all journals that the caller may read.
  package func heads(for principal: Principal, by caller: AuthenticatedCaller? = nil) -> [HeadVector] {
    let reader = JournalReader(principal: principal, caller: caller)
    return journals.map { $0.head() }.filter { permits(reader, $0.identity.stream) }
  }

  private func permits(_ reader: JournalReader, _ stream: StreamName) -> Bool {
    guard let caller = reader.caller else { return permits(reader.principal, stream) }
    // A program with a key reads what its key is listed for; on behalf of others, no more than they may besides.
    return caller.mayRead(stream) && (caller.grant?.itself == reader.principal || permits(reader.principal, stream))
  }

  /// Sends the frames after a place, then the head that was reached; where it follows, goes on so with what is appended
  /// later, until the call is cancelled.
  ///
  /// Ends early after the frame that makes it at least `maximumRecords` records.
  /// - Parameter caller: whose key the call came by; nil where the transport knows no keys.
  /// - Returns: the last head sent.
  /// - Throws: `Fault`, and whatever `send` throws.
  @discardableResult
  package func read(
    _ place: JournalPlace,
    follow: Bool = false,
    maximumRecords: Int? = nil,
    for principal: Principal,
    by caller: AuthenticatedCaller? = nil,
    _ send: (Message) async throws -> Void
  ) async throws -> HeadVector {
    let reader = JournalReader(principal: principal, caller: caller)
    let journal = try self.journal(place, reader)
    if let fault = journal.fault { throw fault }
    try await check(place, of: journal)
    var position = place.after.position
    var remaining = maximumRecords ?? .max
    while true {
      if let fault = journal.fault { throw fault }
      let head = journal.head()
      while position < head.position, remaining > 0 {
        let frames = limit(try await frames(of: journal, after: position, head), to: &remaining)
        position = frames.last?.header.lastPosition ?? position
        // Asked each time: a key may have lost its right since the last frames.
        try checkPermission(reader, place.stream)
        try await send(.frames(frames))
      }
      try checkPermission(reader, place.stream)
      try await send(.head(head))
      guard follow, remaining > 0 else { return head }
      await bell.wait(for: place.stream, beyond: max(position, head.position))
      try Task.checkCancellation()
    }
  }

  func checkPermission(_ reader: JournalReader, _ stream: StreamName) throws(Fault) {
    guard !permits(reader, stream) else { return }
    throw Fault(
      .permissionDenied,
      reason: "streamForbidden",
      "'\(reader.principal.name)' may not read \(stream).",
      field: "stream"
    )
  }

  func journal(_ place: JournalPlace, _ reader: JournalReader) throws(Fault) -> any JournalReading {
    // Permission first: whoever may not read a stream isn't told whether it is here.
    try checkPermission(reader, place.stream)
    let journal = journals.first { $0.stream == place.stream && $0.head().identity.instance == place.instance }
    guard let journal else {
      throw Fault(
        .notFound,
        reason: "unknownStream",
        "\(place.stream)/\(place.instance) is not published here.",
        field: "stream"
      )
    }
    return journal
  }

  /// Whether the place is part of this journal's history.
  private func check(_ place: JournalPlace, of journal: any JournalReading) async throws {
    let head = journal.head()
    let position = place.after.position
    guard position <= head.position else {
      throw diverged("\(place.stream) ends at \(head.position); there is nothing to continue at \(position).")
    }
    guard let chain = place.after.chain else {
      guard place.epoch.map({ $0 == head.identity.epoch }) ?? true else {
        throw diverged("\(place.stream) is in another epoch, \(head.identity.epoch); send the chain hash to compare.")
      }
      return
    }
    switch try await journal.relation(toHistoryAt: position, chain) {
    case .same: return
    case .trimmed(let first): throw trimmed(place, first)
    case .parted:
      throw diverged("\(place.stream) has another history up to \(position) than the chain hash that was sent.")
    }
  }

  private func frames(
    of journal: any JournalReading,
    after position: UInt64,
    _ head: HeadVector
  ) async throws -> [RecordFrame] {
    let frames = try await journal.frames(after: position, mostBytes: Self.batchBytes)
    guard let first = frames.first else {
      throw Fault(
        .dataLoss,
        reason: "journalIncomplete",
        "\(journal.stream) holds nothing after \(position), though its head is \(head.position)."
      )
    }
    guard first.header.firstPosition <= position + 1 else {
      throw trimmed(
        JournalPlace(
          stream: journal.stream,
          instance: head.identity.instance,
          after: HistoryMark(position: position, chain: nil)
        ),
        first
      )
    }
    return frames
  }

  private func limit(_ frames: [RecordFrame], to remaining: inout Int) -> [RecordFrame] {
    var taken: [RecordFrame] = []
    for frame in frames where remaining > 0 {
      taken.append(frame)
      remaining -= frame.header.recordCount
    }
    return taken
  }

  private func diverged(_ message: String) -> Fault {
    Fault(.failedPrecondition, reason: "diverged", message)
  }

  private func trimmed(_ place: JournalPlace, _ first: RecordFrame) -> Fault {
    Fault(
      .outOfRange,
      reason: "trimmed",
      """
      \(place.stream) begins at \(first.header.firstPosition) now; what came after \(place.after.position) has been \
      trimmed. Start from a snapshot.
      """
    )
  }
}

/// Who reads a journal: on whose behalf, and by whose key, where the transport knows keys.
struct JournalReader {
  let principal: Principal
  let caller: AuthenticatedCaller?
}

/// Reads a journal in the same process.
package struct LocalJournalSource: JournalSource {
  private let service: JournalService
  private let principal: Principal

  package init(_ service: JournalService, as principal: Principal) {
    self.service = service
    self.principal = principal
  }

  package func read(
    _ place: JournalPlace,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await service.read(place, for: principal) { message in
      if case .frames(let frames) = message { try await receive(frames) }
    }
  }

  package func snapshot(
    of stream: StreamName,
    instance: UInt16,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await service.snapshot(of: stream, instance: instance, for: principal) { message in
      if case .frames(let frames) = message { try await receive(frames) }
    }
  }

  package func heads() async throws -> [HeadVector] { service.heads(for: principal) }
}
