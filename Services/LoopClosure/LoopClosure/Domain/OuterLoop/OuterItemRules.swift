package import Contracts

/// The outer loop: a cause, its owner, and a decision within ten business days.
package struct OuterItemRules: Sendable {
  package let calendar: WorkingCalendar
  package let policy: LoopPolicy

  package init(calendar: WorkingCalendar, policy: LoopPolicy) {
    self.calendar = calendar
    self.policy = policy
  }

  /// A new item, to be decided within 10 business days.
  package func raise(
    _ id: ID<OuterItem>,
    programme: ID<Programme>,
    title: String,
    reason: EscalationReason,
    rootCause: String? = nil,
    opportunity: ID<Opportunity>? = nil,
    cases: [ID<Case>] = [],
    owner: String? = nil,
    now: Timestamp
  ) -> OuterItem {
    OuterItem(
      id: id,
      programme: programme,
      title: title,
      rootCause: rootCause,
      reason: .known(reason),
      opportunity: opportunity,
      cases: cases,
      owner: owner,
      raisedAt: now,
      decisionDue: calendar.due(businessDays: policy.decisionBusinessDays, after: now),
      isOverdue: false
    )
  }

  /// What a person may give as the reason; the others are found by counting.
  /// - Throws: `Fault` `unknownReason` or `titleMissing`.
  package func reason(_ request: Escalate) throws(Fault) -> EscalationReason {
    guard request.title.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "titleMissing", "give the item a title", field: "title")
    }
    switch request.reason {
    case nil: return .raisedByTeam
    case .known(let reason): return reason
    case .unknown(let raw):
      throw Fault(
        .invalidArgument,
        reason: "unknownReason",
        "'\(raw)' is no reason to escalate; use one of "
          + EscalationReason.allCases.map(\.rawValue).joined(separator: ", "),
        field: "reason"
      )
    }
  }

  /// Answers an item. A deferred one and one under test may be decided again; fix, adopt and decline are final.
  /// - Throws: `Fault`: `unknownDecision`, `alreadyDecided`, `reasonMissing`, `untilMissing`, `ownerMissing`.
  package func decide(
    _ item: OuterItem,
    by request: Decide,
    actor: String,
    now: Timestamp
  ) throws(Fault) -> OuterItem {
    guard let kind = request.kind.known else {
      throw Fault(
        .invalidArgument,
        reason: "unknownDecision",
        "'\(request.kind.rawValue)' is no decision; use one of "
          + DecisionKind.allCases.map(\.rawValue).joined(separator: ", "),
        field: "kind"
      )
    }
    if let decided = item.decision, ![.defer, .test].contains(decided.kind.known) {
      throw Fault(
        .failedPrecondition,
        reason: "alreadyDecided",
        "\(decided.decidedBy) decided '\(decided.kind.rawValue)' on \(decided.decidedAt); raise it anew",
        field: "id"
      )
    }
    var item = item
    item.owner = request.owner?.nonBlank ?? item.owner
    switch kind {
    case .decline where request.reason?.nonBlank == nil:
      throw Fault(
        .invalidArgument,
        reason: "reasonMissing",
        "say why it is declined; the answer is published",
        field: "reason"
      )
    case .defer where request.until.map({ $0 <= now }) ?? true:
      throw Fault(.invalidArgument, reason: "untilMissing", "say until when, later than now", field: "until")
    case .fix, .test, .adopt:
      guard item.owner != nil else {
        throw Fault(.invalidArgument, reason: "ownerMissing", "name who sees to it", field: "owner")
      }
    case .decline, .defer: break
    }
    item.decision = Decision(
      kind: request.kind,
      reason: request.reason?.nonBlank,
      until: kind == .defer ? request.until : nil,
      decidedBy: actor,
      decidedAt: now
    )
    item.isOverdue = false
    return item
  }

  /// When silence becomes an answer of its own: the day it was due, or the day until which it was deferred. nil once
  /// it is decided.
  package func silentAfter(_ item: OuterItem) -> Timestamp? {
    guard let decision = item.decision else { return item.decisionDue }
    return decision.kind == .defer ? decision.until : nil
  }

  /// The item as overdue, where it has just become so.
  package func overdue(_ item: OuterItem, now: Timestamp) -> OuterItem? {
    guard !item.isOverdue, let due = silentAfter(item), due < now else { return nil }
    var item = item
    item.isOverdue = true
    return item
  }
}
