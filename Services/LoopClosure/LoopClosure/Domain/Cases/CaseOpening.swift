package import Contracts

/// Which words open a case, and how it begins.
package enum CaseOpening {
  /// Whether feedback opens a case without anyone asking: a complaint or a reason to leave, urgent and recent.
  ///
  /// An adaptation never does: it says what a colleague did, and is never held against anyone.
  package static func opensByItself(_ item: FeedbackItem, policy: LoopPolicy, now: Timestamp) -> Bool {
    item.channel != .adaptation
      && item.signals.contains { $0 == .complaint || $0 == .churnReason }
      && item.urgency >= policy.caseUrgency
      && now - item.occurredAt <= policy.caseFreshness
  }

  /// A new case about `item`, its timers running from `now`.
  package static func open(
    _ id: ID<Case>,
    about item: FeedbackItem,
    team: ID<Team>?,
    calendar: WorkingCalendar,
    policy: LoopPolicy,
    now: Timestamp
  ) -> CaseFile {
    let opened = Case(
      id: id,
      programme: item.programme,
      feedback: item.id,
      customer: item.customer,
      team: team ?? item.team,
      state: .known(.open),
      urgency: item.urgency,
      verbatim: item.text,
      openedAt: now,
      firstContactDue: calendar.due(after: policy.firstContactDue, from: now, now: now),
      resolveDue: calendar.due(after: policy.resolveDue, from: now, now: now),
      missedFirstContact: false,
      missedResolve: false,
      reopenedCount: 0,
      isBeyondTeamControl: false,
      pauses: []
    )
    return CaseFile(case: opened, resolveClockFrom: now)
  }
}

/// What is called back first.
package enum CasePriority {
  /// The urgency of the words, raised where the customer's score was low, at most 1. Scores may be read here, because
  /// nobody's rank or pay comes of it, but the sum stays in this service.
  package static func of(_ file: CaseFile, policy: LoopPolicy) -> Double {
    min(1, file.case.urgency + (file.hasLowScore ? policy.lowScoreBoost : 0))
  }

  /// Whether a score is in the lowest part of its scale. Effort scores run the other way, and what `other` means
  /// nobody knows: neither says anything here.
  package static func isLow(_ score: Score, policy: LoopPolicy) -> Bool {
    guard
      [ScoreKind.nps, .csat, .stars].contains(score.kind.known), score.maximum > score.minimum
    else { return false }
    return (score.value - score.minimum) / (score.maximum - score.minimum) <= policy.lowScoreShare
  }
}
