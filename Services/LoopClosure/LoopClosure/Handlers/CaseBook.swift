package import Contracts
package import GRDB
import Records
package import Storage

/// Cases as the service keeps them: opens them, takes their steps, and turns their clocks.
package struct CaseBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint
  let outerLoop: OuterLoopBook
  let notices = NoticeBook()

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
    outerLoop = OuterLoopBook(policy: policy, mint: mint)
  }

  // MARK: Feedback

  /// Keeps what the loops need of a customer's words, and opens a case where they ask for one.
  package func take(_ feedback: Feedback, _ transaction: Transaction) throws {
    let item = FeedbackItem(feedback)
    let rows = FeedbackRows(database: transaction.database)
    guard try !rows.isErased(item.id, in: item.programme) else { return }
    // Another instance of Ingestion may tell of the same feedback again, even as it was before a revision.
    if let known = try rows.item(item.id, in: item.programme) {
      guard known != item, item.revision ?? 0 > known.revision ?? 0 || known.revision == nil else { return }
    }
    try rows.save(item)
    let files = try CaseRows(database: transaction.database).files(about: item.id, in: item.programme)
    if files.isEmpty {
      guard CaseOpening.opensByItself(item, policy: policy, now: transaction.now) else { return }
      _ = try open(about: item, team: nil, transaction)
    }
    for var file in files {
      file.case.verbatim = item.text
      try save(CaseProgress(file: file), transaction)
    }
  }

  /// Forgets words: in the replica, in the cases they opened, and, at the next turn of `eraseRecords`, in the records of
  /// those cases. Not at once: a record of this very transaction isn't in the journal yet.
  package func erase(_ id: ID<Feedback>, in programme: ID<Programme>, _ transaction: Transaction) throws {
    try FeedbackRows(database: transaction.database).erase(id, in: programme)
    let rows = CaseRows(database: transaction.database)
    for var file in try rows.files(about: id, in: programme) {
      file.case.verbatim = ""
      file.case.customer = nil
      file.hasLowScore = false
      try save(CaseProgress(file: file), transaction)
    }
    try rows.markRecords(about: id, in: programme)
  }

  /// Forgets words in the records of a programme that another instance has taken over.
  package func eraseElsewhere(_ id: ID<Feedback>, in programme: ID<Programme>, _ transaction: Transaction) throws {
    try CaseRows(database: transaction.database).markRecords(about: id, in: programme)
  }

  /// Overwrites the bodies of records that hold erased words.
  package func eraseRecords(_ transaction: Transaction) throws {
    let positions = try CaseRows(database: transaction.database).takeMarkedRecords(limit: 500)
    for position in positions {
      do {
        try transaction.eraseBody(of: .loopClosure, at: position)
      } catch FrameError.nothingToErase {
        // It has been trimmed, or erased already: either way nothing is left of it here.
      }
    }
  }

  /// A low score moves a case up the list, and goes no further.
  package func take(_ observed: ScoreObserved, _ transaction: Transaction) throws {
    guard CasePriority.isLow(observed.score, policy: policy) else { return }
    let feedback = FeedbackRows(database: transaction.database)
    try feedback.noteLowScore(of: observed.feedback, in: observed.programme)
    let rows = CaseRows(database: transaction.database)
    for var file in try rows.files(about: observed.feedback, in: observed.programme) where !file.hasLowScore {
      file.hasLowScore = true
      try save(CaseProgress(file: file), transaction)
    }
  }

  // MARK: Commands

  package func open(_ request: OpenCase, _ transaction: Transaction) throws -> Case {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    guard let item = try FeedbackRows(database: transaction.database).item(request.feedback, in: request.programme)
    else {
      throw Fault(
        .notFound,
        reason: "unknownFeedback",
        "Programme '\(request.programme)' has no feedback '\(request.feedback)' here; what was just taken in is known a "
          + "moment later.",
        field: "feedback"
      )
    }
    let open = try CaseRows(database: transaction.database).files(about: item.id, in: item.programme)
      .first { $0.case.state != .closed && $0.case.state != .merged }
    if let open {
      throw Fault(
        .alreadyExists,
        reason: "caseExists",
        "case \(open.case.id) is already open about this feedback",
        field: "feedback"
      )
    }
    return try self.open(about: item, team: request.team, transaction)
  }

  private func open(about item: FeedbackItem, team: ID<Team>?, _ transaction: Transaction) throws -> Case {
    let calendar = try DirectoryRows(database: transaction.database).calendar(of: item.programme)
    var file = CaseOpening.open(
      mint.next("case", at: transaction.now),
      about: item,
      team: team,
      calendar: calendar,
      policy: policy,
      now: transaction.now
    )
    file.hasLowScore = try FeedbackRows(database: transaction.database).hasLowScore(item.id, in: item.programme)
    try save(CaseProgress(file: file), transaction)
    let position = try transaction.append(CaseOpened(case: file.case))
    try CaseRows(database: transaction.database).note(record: position, of: file.case)
    let closure = Closure(subject: file.case.id.rawValue, programme: item.programme, openedAt: file.case.openedAt)
    try OuterLoopRows(database: transaction.database).save(closure, dueAt: file.case.resolveDue)
    return file.case
  }

  package func advance(_ request: AdvanceCase, actor: Principal, _ transaction: Transaction) throws -> Case {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    try directory.require(request.assignee, in: request.programme, field: "assignee")
    let file = try CaseRows(database: transaction.database).require(request.id, in: request.programme)
    let rules = CaseRules(calendar: try directory.calendar(of: request.programme), policy: policy)
    var progress = try rules.advance(file, by: request, actor: actor.name, now: transaction.now)
    // Saved before its cause is counted, so that it counts itself.
    try save(CaseProgress(file: progress.file), transaction)
    let isCauseNew = progress.file.cause != file.cause
    try outerLoop.consider(&progress, isCauseNew: isCauseNew, transaction)
    try save(progress, transaction)
    if request.step == .assigned, let assignee = progress.file.case.assignee {
      try notices.tell(
        [assignee.rawValue],
        about: file.case.id.rawValue,
        "A case was given to you.",
        actor: actor,
        in: request.programme,
        transaction
      )
    }
    return progress.file.case
  }

  package func merge(_ request: MergeCases, actor: Principal, _ transaction: Transaction) throws -> Case {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    let rows = CaseRows(database: transaction.database)
    let canonical = try rows.require(request.into, in: request.programme, field: "into")
    let files = try request.merged.map { try rows.require($0, in: request.programme, field: "merged") }
    let rules = CaseRules(calendar: try directory.calendar(of: request.programme), policy: policy)
    for progress in try rules.merge(files, into: canonical, actor: actor.name) {
      try save(progress, transaction)
      try OuterLoopRows(database: transaction.database)
        .removeClosure(of: progress.file.case.id.rawValue, in: request.programme)
    }
    return canonical.case
  }

  package func cases(_ request: CasesRequest, _ database: Database) throws -> CaseList {
    _ = try DirectoryRows(database: database).require(request.programme)
    let (files, total) = try CaseRows(database: database).list(request, limit: ListLength.of(request.limit))
    return CaseList(cases: files.map(\.case), total: total)
  }

  // MARK: Time

  /// Notes misses and sends reminders that are due; some at a time, the rest at the next turn.
  package func tick(_ transaction: Transaction, at now: Timestamp) throws {
    for file in try CaseRows(database: transaction.database).ticking(at: now, limit: 500) {
      let programme = file.case.programme
      let calendar = try DirectoryRows(database: transaction.database).calendar(of: programme)
      let progress = CaseTimers(calendar: calendar, policy: policy).tick(file, now: now)
      try save(progress, transaction)
      guard progress.steps.contains(where: { $0.step == .reminded }), let assignee = file.case.assignee else {
        continue
      }
      let due = progress.file.awaitsFirstContact ? file.case.firstContactDue : file.case.resolveDue
      try notices.tell(
        [assignee.rawValue],
        about: file.case.id.rawValue,
        "A customer waits: due \(due).",
        actor: NoticeBook.clockwork,
        in: programme,
        transaction
      )
    }
  }

  /// A new calendar moves what is still to come. Pauses stay, and so does what was met or missed.
  package func calendarChanged(of programme: ID<Programme>, _ transaction: Transaction) throws {
    let calendar = try DirectoryRows(database: transaction.database).calendar(of: programme)
    let timers = CaseTimers(calendar: calendar, policy: policy)
    for file in try CaseRows(database: transaction.database).inService(in: programme) {
      try save(CaseProgress(file: timers.rescheduled(file, now: transaction.now)), transaction)
    }
  }

  private func save(_ progress: CaseProgress, _ transaction: Transaction) throws {
    let file = progress.file
    let calendar = try DirectoryRows(database: transaction.database).calendar(of: file.case.programme)
    let tickAt = CaseTimers(calendar: calendar, policy: policy).nextTick(file, now: transaction.now)
    let rows = CaseRows(database: transaction.database)
    try rows.save(file, priority: CasePriority.of(file, policy: policy), tickAt: tickAt)
    try OuterLoopRows(database: transaction.database).setDue(
      min(file.case.closedAt ?? file.case.resolveDue, file.case.resolveDue),
      of: file.case.id.rawValue,
      in: file.case.programme
    )
    for step in progress.steps {
      let position = try transaction.append(step)
      try rows.note(record: position, of: file.case)
    }
  }
}
