import Contracts
import Foundation
import Records
import Storage

/// What operators ask of every service.
struct OperationsCalls: Sendable {
  let profile: ServiceProfile
  let instance: UInt16
  let startedAt: Timestamp
  let state: ServiceState
  let upstreams: UpstreamBoard
  let appliers: [StreamName: EventApplier]
  let integrity: IntegrityGuard
  /// Where backups are made.
  let backups: URL

  func add(to calls: inout CallTable) {
    calls.query(OperationsAPI.status) { _, context in try await status(context) }
    calls.query(OperationsAPI.deadLetters) { request, context in
      try await deadLetters(request, context)
    }
    calls.commandOutsideTransaction(OperationsAPI.retryDeadLetter) { request, context in
      try await retry(request.id, context)
    }
    calls.commandOutsideTransaction(OperationsAPI.discardDeadLetter) { request, context in
      try await context.store.discardDeadLetter(request.id)
      return DeadLetterOutcome(isSettled: true)
    }
    calls.commandOutsideTransaction(OperationsAPI.backUp) { request, context in
      try await backUp(request.name, context)
    }
    calls.commandOutsideTransaction(OperationsAPI.discardBackUp) { request, _ in
      DiscardReceipt(isDiscarded: try discardBackUp(request.name))
    }
    calls.commandOutsideTransaction(OperationsAPI.forgetFollower) { request, context in
      FollowerForgotten(streams: try await context.store.write { try $0.removeFollower(request.follower) })
    }
    calls.commandOutsideTransaction(OperationsAPI.checkIntegrity) { _, _ in
      let report = try await integrity.check()
      return IntegrityFindings(
        problems: report.problems,
        framesChecked: report.framesChecked,
        recordsChecked: report.recordsChecked
      )
    }
  }

  private func status(_ context: CallContext) async throws -> ServiceStatus {
    return ServiceStatus(
      service: profile.name,
      version: groundswellVersion,
      instance: instance,
      processID: ProcessInfo.processInfo.processIdentifier,
      startedAt: startedAt,
      now: context.time,
      isAccepting: state.phase == .serving,
      heads: context.store.heads().map { StreamHead($0) },
      upstreams: upstreams.all,
      deadLetters: try await context.store.deadLetterCount(),
      queueDepth: context.store.statistics.queueDepth,
      problem: context.store.health.problem?.message,
      ownership: context.store.configuration.partitioning == nil ? nil : context.store.ownership.summary,
      followers: try await context.read { try Follower.fetchAll($0) }.map { follower in
        FollowerStatus(stream: follower.stream, follower: follower.name, position: follower.position)
      }
    )
  }

  private func deadLetters(_ request: DeadLettersRequest, _ context: CallContext) async throws -> DeadLetterPage {
    let limit = request.limit ?? 50
    guard (1...500).contains(limit) else {
      throw Fault(.invalidArgument, reason: "outOfRange", "'limit' must lie between 1 and 500.", field: "limit")
    }
    var notices: [DeadLetterNotice] = []
    var after = request.after ?? 0
    // Streams are told apart here, so a page of one stream may take several pages of the store.
    while notices.count < limit {
      let letters = try await context.store.deadLetters(after: after, limit: limit)
      guard let last = letters.last else { break }
      after = last.id
      notices += letters.filter { request.stream == nil || $0.identity.stream == request.stream }.map(\.notice)
    }
    return DeadLetterPage(deadLetters: Array(notices.prefix(limit)))
  }

  private func retry(_ id: Int64, _ context: CallContext) async throws -> DeadLetterOutcome {
    do {
      try await context.store.retryDeadLetter(id) { letter, transaction in
        guard let applier = appliers[letter.identity.stream] else {
          throw Fault(
            .failedPrecondition,
            reason: "notFollowed",
            "This service no longer follows \(letter.identity.stream)."
          )
        }
        try applier.retry(letter.record, in: transaction)
      }
      return DeadLetterOutcome(isSettled: true)
    } catch let fault as Fault {
      return DeadLetterOutcome(isSettled: false, fault: fault)
    }
  }

  /// Where the copy of that name is.
  private func place(ofBackUp name: String) throws(Fault) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
    guard (1...100).contains(name.utf8.count), isPlain, !name.hasPrefix(".") else {
      throw Fault(
        .invalidArgument,
        reason: "malformedName",
        "A backup's name has 1 to 100 letters, digits, '-', '_' and '.', and doesn't begin with '.'.",
        field: "name"
      )
    }
    return backups.appending(component: name).path
  }

  private func discardBackUp(_ name: String) throws(Fault) -> Bool {
    let path = try place(ofBackUp: name)
    if unlink(path) == 0 { return true }
    let number = errno
    guard number == ENOENT else {
      throw Fault(
        .internal,
        reason: "backupNotDiscarded",
        "\(path) can't be removed (\(String(cString: strerror(number)))): remove it by hand."
      )
    }
    return false
  }

  private func backUp(_ name: String, _ context: CallContext) async throws -> BackUpReceipt {
    let path = try place(ofBackUp: name)
    try FileManager.default.createDirectory(
      at: backups,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    let contents: BackupContents
    do {
      contents = try await context.store.backUp(to: path)
    } catch let error as StoreError where error.code == .fileExists {
      throw Fault(.alreadyExists, reason: "backupExists", "There is a backup '\(name)' already.", field: "name")
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return BackUpReceipt(
      path: path,
      byteCount: (attributes[.size] as? NSNumber)?.int64Value ?? 0,
      heads: contents.heads.map { StreamHead($0) },
      cursors: contents.cursors.map { StreamHead($0) }
    )
  }
}

extension StreamHead {
  init(_ cursor: Records.Cursor) {
    self.init(
      stream: cursor.identity.stream,
      epoch: String(cursor.identity.epoch),
      position: cursor.position,
      chain: cursor.chain.description,
      instance: cursor.identity.instance
    )
  }
}

extension DeadLetter {
  fileprivate var notice: DeadLetterNotice {
    // `error` is a fault's description: CODE/reason: message.
    let reason = error.split(separator: ":", maxSplits: 1).first?.split(separator: "/").last.map(String.init)
    let message = error.split(separator: ": ", maxSplits: 1).last.map(String.init)
    return DeadLetterNotice(
      id: id,
      stream: identity.stream,
      position: record.position,
      type: record.type,
      programme: record.programme,
      key: record.key,
      reason: reason ?? "unknown",
      message: message ?? error,
      at: firstAttempt,
      attempts: attempts
    )
  }
}
