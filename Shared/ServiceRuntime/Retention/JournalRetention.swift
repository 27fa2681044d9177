import Contracts
import Logging
import Messaging
import Records
import Storage

/// Trims the journals of a service's store by its settings, and answers followers that say how far they are.
struct JournalRetention: Sendable {
  let store: Store
  /// The streams that a snapshot can be made of. Of others nothing goes unless a bound says so, because nobody could
  /// begin to follow them any more.
  let snapshots: Set<StreamName>
  var policy: RetentionPolicy
  let logger: Logger

  init(store: Store, snapshots: Set<StreamName>, settings: Settings, logger: Logger) {
    func days(_ setting: Setting<Int>) -> Duration? { settings[setting] > 0 ? .days(settings[setting]) : nil }
    self.store = store
    self.snapshots = snapshots
    self.logger = logger
    let megabytes = settings[StandardSettings.journalMostMegabytes]
    policy = RetentionPolicy(
      keep: days(StandardSettings.journalKeepDays),
      mostAge: days(StandardSettings.journalMostDays),
      mostBytes: megabytes > 0 ? Int64(megabytes) << 20 : nil
    )
  }

  /// The services that follow a stream, by the allow-list.
  private static func followers(of stream: StreamName) -> [String] {
    AllowList.Consumer.allCases.filter { AllowList.permits($0, toRead: stream) }.map(\.rawValue)
  }

  /// Drops what the policy lets go, in many small transactions.
  /// - Parameter sizes: kept from one run to the next, as counting a whole journal takes long.
  func trim(_ sizes: inout JournalSizes) async throws {
    guard !policy.keepsEverything else { return }
    let streams = store.heads().map(\.identity.stream)
    for stream in streams { try await trimByAge(stream, &sizes) }
    if let mostBytes = policy.mostBytes { try await trimBySize(streams, mostBytes, &sizes) }
  }

  private func trimByAge(_ stream: StreamName, _ sizes: inout JournalSizes) async throws {
    var policy = policy
    if !snapshots.contains(stream) { policy.keep = nil }
    guard !policy.keepsEverything else { return }
    let rules = policy
    var total = TrimStep()
    repeat {
      let step = try await store.write { transaction in
        try transaction.trim(stream, by: rules, expecting: Self.followers(of: stream))
      }
      sizes.subtract(step, of: stream)
      total.add(step)
      try Task.checkCancellation()
    } while total.isUnfinished
    try await tell(total, of: stream)
  }

  /// Drops the oldest records of all journals until they fit.
  private func trimBySize(_ streams: [StreamName], _ mostBytes: Int64, _ sizes: inout JournalSizes) async throws {
    for stream in streams {
      var isDone = false
      while !isDone {
        (sizes, isDone) = try await store.read { [sizes] database in
          var sizes = sizes
          let isDone = try sizes.count(stream, in: database)
          return (sizes, isDone)
        }
        try Task.checkCancellation()
      }
    }
    var totals = streams.map { _ in TrimStep() }
    while sizes.byteCount > mostBytes {
      let excess = sizes.byteCount - mostBytes
      let steps = try await store.write { try $0.trimOldest(of: streams, byteCount: excess) }
      // Of each journal the last frame stays, however large it is.
      guard steps.contains(where: { $0.frameCount > 0 }) else { break }
      for (index, step) in steps.enumerated() {
        sizes.subtract(step, of: streams[index])
        totals[index].add(step)
      }
      try Task.checkCancellation()
    }
    for (stream, total) in zip(streams, totals) { try await tell(total, of: stream) }
  }

  /// Says what went; louder where somebody still needed it.
  private func tell(_ step: TrimStep, of stream: StreamName) async throws {
    guard step.frameCount > 0 else { return }
    let behind = try await store.read { try Follower.fetchAll($0) }
      .filter { $0.stream == stream && $0.position < step.position }
    var metadata: Logger.Metadata = [
      "stream": "\(stream)", "frames": "\(step.frameCount)", "through": "\(step.position)",
    ]
    if !snapshots.contains(stream) {
      logger.warning(
        "records were trimmed of a stream that no snapshot is made of: whoever begins to follow it needs a backup",
        metadata: metadata
      )
    } else if behind.isEmpty {
      logger.info("journal trimmed", metadata: metadata)
    }
    guard !behind.isEmpty else { return }
    metadata["followers"] = .array(behind.map { "\($0.name) at \($0.position)" })
    logger.warning(
      "records were trimmed that followers lack: they can't go on by themselves, and need a backup that holds them",
      metadata: metadata
    )
  }

  /// Remembers how far a follower is.
  func note(_ report: CursorReport, from principal: Principal) async throws -> CursorReceipt {
    guard mayRead(principal, report.stream) else {
      throw Fault(
        .permissionDenied,
        reason: "streamForbidden",
        "'\(principal.name)' may not read \(report.stream).",
        field: "stream"
      )
    }
    guard let head = store.heads().first(where: { $0.identity.stream == report.stream }),
      head.identity.instance == report.instance
    else {
      throw Fault(
        .notFound,
        reason: "unknownStream",
        "\(report.stream)/\(report.instance) is not published here.",
        field: "stream"
      )
    }
    guard let position = UInt64(report.position) else {
      throw Fault(
        .invalidArgument,
        reason: "malformedPlace",
        "'position' is malformed: a position is a decimal number of 64 bits, as text",
        field: "position"
      )
    }
    guard position <= head.position else {
      throw Fault(
        .failedPrecondition,
        reason: "diverged",
        "\(report.stream) ends at \(head.position); nobody can have applied it up to \(position).",
        field: "position"
      )
    }
    try await checkHistory(of: report, at: position)
    let name = "\(principal.name)/\(report.followerInstance)"
    let (noted, trimmed) = try await store.read { database in
      (
        try Follower.fetchAll(database).first { $0.stream == report.stream && $0.name == name }?.position,
        try Trim.position(of: report.stream, in: database)
      )
    }
    // Most of the time a follower has nothing new to say, and a commit costs a sync.
    if noted != position {
      try await store.write { try $0.setFollower(name, of: report.stream, at: position) }
    }
    return CursorReceipt(trimmed: String(trimmed))
  }

  /// Whoever has applied another history up to a position has applied nothing of this one that could go for it.
  private func checkHistory(of report: CursorReport, at position: UInt64) async throws {
    guard let text = report.chain else { return }
    guard let chain = ChainHash(text) else {
      throw Fault(
        .invalidArgument,
        reason: "malformedPlace",
        "'chain' is malformed: a chain hash is 64 lower-case hexadecimal digits",
        field: "chain"
      )
    }
    let journal = StoreJournal(try store.journal(of: report.stream))
    guard case .parted = try await journal.relation(toHistoryAt: position, chain) else { return }
    throw Fault(
      .failedPrecondition,
      reason: "diverged",
      "\(report.stream) has another history up to \(position) than the chain hash that was sent.",
      field: "chain"
    )
  }

  /// How far each journal is trimmed, and how far its followers are.
  func samples() async -> [MetricSample] {
    do {
      let (followers, trims) = try await store.read { [heads = store.heads()] database in
        (
          try Follower.fetchAll(database),
          try heads.map { ($0, try Trim.position(of: $0.identity.stream, in: database)) }
        )
      }
      return trims.flatMap { head, trimmed -> [MetricSample] in
        let stream = head.identity.stream
        let mine = followers.filter { $0.stream == stream }
        let labels = [("stream", stream.rawValue)]
        var samples = [MetricSample("groundswell_journal_trimmed_position", labels: labels, Double(trimmed))]
        if let oldest = mine.map(\.position).min() {
          samples.append(MetricSample("groundswell_journal_oldest_cursor", labels: labels, Double(oldest)))
        }
        return samples
          + mine.flatMap { follower in
            let labels = labels + [("follower", follower.name)]
            let lag = head.position - min(head.position, follower.position)
            // One that lags, and said long ago what it said last, may be gone for good.
            let since = Double(follower.reportedAt.milliseconds) / 1000
            return [
              MetricSample("groundswell_follower_lag_records", labels: labels, Double(lag)),
              MetricSample("groundswell_follower_position_since_seconds", labels: labels, since),
            ]
          }
      }
    } catch {
      // A store that can't be read has nothing to say; health says why.
      return []
    }
  }
}
