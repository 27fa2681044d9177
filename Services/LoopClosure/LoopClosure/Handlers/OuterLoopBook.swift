package import Contracts
package import GRDB
package import Storage

/// The outer loop: takes up causes, sees that they are decided, and notes the receipts.
package struct OuterLoopBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint
  let notices = NoticeBook()
  /// Figures are over the last 180 days.
  static let reportWindow = Duration.days(180)

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
  }

  private func rules(_ programme: ID<Programme>, _ database: Database) throws -> OuterItemRules {
    OuterItemRules(calendar: try DirectoryRows(database: database).calendar(of: programme), policy: policy)
  }

  // MARK: Escalation

  package func escalate(_ request: Escalate, _ transaction: Transaction) throws -> OuterItem {
    let database = transaction.database
    _ = try DirectoryRows(database: database).require(request.programme)
    let rules = try rules(request.programme, database)
    let reason = try rules.reason(request)
    for id in request.cases ?? [] {
      _ = try CaseRows(database: database).require(id, in: request.programme, field: "cases")
    }
    let item = rules.raise(
      mint.next("outer", at: transaction.now),
      programme: request.programme,
      title: request.title,
      reason: reason,
      rootCause: request.rootCause?.nonBlank,
      opportunity: request.opportunity,
      cases: request.cases ?? [],
      owner: request.owner?.nonBlank,
      now: transaction.now
    )
    return try record(raised: item, transaction)
  }

  /// Takes a case to the outer loop where there are grounds: those of the step itself, and those of its cause, which
  /// are counted when the cause has just become known.
  func consider(_ progress: inout CaseProgress, isCauseNew: Bool, _ transaction: Transaction) throws {
    let item = progress.file.case
    let rows = OuterLoopRows(database: transaction.database)
    var companions = [item.id]
    var reasons = progress.escalations
    let known = try progress.file.cause.flatMap { try rows.latest(about: $0, in: item.programme) }
    if isCauseNew, let cause = progress.file.cause {
      let counted = try count(cause, in: item.programme, answeredAt: known?.decision?.decidedAt, transaction)
      reasons += counted.reasons
      companions += counted.cases.filter { $0 != item.id }
    }
    guard let reason = reasons.first else { return }
    if let id = item.outerItem, try rows.item(id, in: item.programme)?.decision == nil { return }
    let outer: OuterItem
    if var open = known, open.decision == nil {
      open.cases += companions.filter { !open.cases.contains($0) }.prefix(100)
      try save(open, rules(item.programme, transaction.database), transaction)
      try transaction.append(OuterItemAdvanced(item: open))
      outer = open
    } else {
      outer = try record(
        raised: rules(item.programme, transaction.database).raise(
          mint.next("outer", at: transaction.now),
          programme: item.programme,
          title: item.rootCause ?? String(item.verbatim.prefix(120)),
          reason: reason,
          rootCause: item.rootCause,
          cases: Array(companions.prefix(100)),
          now: transaction.now
        ),
        transaction
      )
    }
    progress.file.case.outerItem = outer.id
    for index in progress.steps.indices { progress.steps[index].case.outerItem = outer.id }
  }

  /// The grounds that a cause's own numbers give. What came before the last answer has been answered.
  private func count(
    _ cause: Cause,
    in programme: ID<Programme>,
    answeredAt: Timestamp?,
    _ transaction: Transaction
  ) throws -> (reasons: [EscalationReason], cases: [ID<Case>]) {
    let now = transaction.now
    let cases = CaseRows(database: transaction.database)
    let rules = EscalationRules(policy: policy)
    let since = max(now - policy.sameCauseWindow, answeredAt ?? .epoch)
    let sightings = try cases.sightings(of: cause, in: programme, since: since)
    var reasons: [EscalationReason] = []
    if rules.isSameCause(sightings.map(\.sighting), now: now) { reasons.append(.sameCause) }
    let weeks = try cases.weeklyCounts(of: cause, in: programme, now: now)
    let isAnswered = answeredAt.map { now - $0 < .days(7) } ?? false
    if !isAnswered, rules.isUnusual(week: weeks.week, base: weeks.base) { reasons.append(.unusualVolume) }
    return (reasons, reasons.isEmpty ? [] : sightings.map(\.id))
  }

  /// A theme that suddenly has more items than its own past explains. Once answered, or while it waits for an answer,
  /// it isn't raised again for as long as the surge itself is part of the base.
  func consider(_ opportunity: Opportunity, _ transaction: Transaction) throws {
    guard EscalationRules(policy: policy).isUnusual(opportunity) else { return }
    let rows = OuterLoopRows(database: transaction.database)
    let quiet = Duration.days(7 * EscalationRules.baseWeeks)
    if let latest = try rows.latest(about: opportunity.id, in: opportunity.programme),
      latest.decision == nil || transaction.now - latest.raisedAt < quiet
    {
      return
    }
    let item = try rules(opportunity.programme, transaction.database).raise(
      mint.next("outer", at: transaction.now),
      programme: opportunity.programme,
      title: opportunity.title,
      reason: .unusualVolume,
      opportunity: opportunity.id,
      now: transaction.now
    )
    _ = try record(raised: item, transaction)
  }

  private func record(raised item: OuterItem, _ transaction: Transaction) throws -> OuterItem {
    try save(item, rules(item.programme, transaction.database), transaction)
    try OuterLoopRows(database: transaction.database).save(
      Closure(subject: item.id.rawValue, programme: item.programme, openedAt: item.raisedAt),
      dueAt: item.decisionDue
    )
    for id in item.cases {
      try CaseRows(database: transaction.database).link(id, to: item.id, in: item.programme)
    }
    try transaction.append(EscalationRaised(item: item))
    return item
  }

  private func save(_ item: OuterItem, _ rules: OuterItemRules, _ transaction: Transaction) throws {
    let tickAt = item.isOverdue ? nil : rules.silentAfter(item).map { $0 + .milliseconds(1) }
    try OuterLoopRows(database: transaction.database).save(item, tickAt: tickAt)
  }

  // MARK: Decisions

  package func decide(_ request: Decide, actor: Principal, _ transaction: Transaction) throws -> OuterItem {
    let database = transaction.database
    _ = try DirectoryRows(database: database).require(request.programme)
    guard let item = try OuterLoopRows(database: database).item(request.id, in: request.programme) else {
      throw Fault(
        .notFound,
        reason: "unknownOuterItem",
        "Programme '\(request.programme)' has no outer-loop item '\(request.id)'.",
        field: "id"
      )
    }
    let rules = try rules(request.programme, database)
    let decided = try rules.decide(item, by: request, actor: actor.name, now: transaction.now)
    try save(decided, rules, transaction)
    try OuterLoopRows(database: database).setDue(
      min(transaction.now, item.decisionDue),
      of: item.id.rawValue,
      in: item.programme
    )
    try transaction.append(OuterItemAdvanced(item: decided))
    if let owner = decided.owner {
      try notices.tell(
        [owner],
        about: item.id.rawValue,
        "'\(item.title)' was decided: \(request.kind.rawValue).",
        actor: actor,
        in: item.programme,
        transaction
      )
    }
    return decided
  }

  /// Silence past the day it was due is noted once, told to the owner, and shows in the answer rate.
  package func tick(_ transaction: Transaction, at now: Timestamp) throws {
    for item in try OuterLoopRows(database: transaction.database).ticking(at: now, limit: 500) {
      let rules = try rules(item.programme, transaction.database)
      let overdue = rules.overdue(item, now: now)
      try save(overdue ?? item, rules, transaction)
      guard let overdue else { continue }
      try transaction.append(OuterItemAdvanced(item: overdue))
      try notices.tell(
        overdue.owner.map { [$0] } ?? [],
        about: item.id.rawValue,
        "'\(item.title)' waits for a decision that is overdue.",
        actor: NoticeBook.clockwork,
        in: item.programme,
        transaction
      )
    }
  }

  package func items(_ request: OuterItemsRequest, at now: Timestamp, _ database: Database) throws -> OuterItemList {
    _ = try DirectoryRows(database: database).require(request.programme)
    let rows = OuterLoopRows(database: database)
    return OuterItemList(
      items: try rows.list(in: request.programme, undecidedOnly: request.undecidedOnly ?? false),
      answerRate: try rows.answerRate(in: request.programme, since: now - Self.reportWindow, now: now)
    )
  }

  package func closures(_ request: ClosuresRequest, at now: Timestamp, _ database: Database) throws -> ClosureReport {
    _ = try DirectoryRows(database: database).require(request.programme)
    return try OuterLoopRows(database: database).report(
      in: request.programme,
      since: now - Self.reportWindow,
      now: now
    )
  }
}
