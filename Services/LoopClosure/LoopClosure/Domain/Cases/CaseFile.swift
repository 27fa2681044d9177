package import Contracts

/// A case with what its timers remember beside what is published.
package struct CaseFile: Hashable, Sendable, Codable {
  package var `case`: Case
  /// From when `resolveDue` counts: the opening, or the last reopening.
  package var resolveClockFrom: Timestamp
  package var remindedOfContact: Bool
  package var remindedOfResolve: Bool
  /// The customer gave a low score with these words. It moves the case up the list and is never published: case
  /// events reach GoalSetting, which may learn nothing of scores.
  package var hasLowScore: Bool

  package init(
    case file: Case,
    resolveClockFrom: Timestamp,
    remindedOfContact: Bool = false,
    remindedOfResolve: Bool = false,
    hasLowScore: Bool = false
  ) {
    self.case = file
    self.resolveClockFrom = resolveClockFrom
    self.remindedOfContact = remindedOfContact
    self.remindedOfResolve = remindedOfResolve
    self.hasLowScore = hasLowScore
  }

  package var isPaused: Bool { `case`.pauses.contains { $0.until == nil } }

  /// Whether the SLA still runs: merged cases have left it, resolved ones have met or missed it.
  package var isInService: Bool { [.open, .contacted].contains(`case`.state.known) }

  package var awaitsFirstContact: Bool { isInService && `case`.firstContactAt == nil }

  /// What the root cause is counted under.
  package var cause: Cause? { `case`.rootCause.flatMap(Cause.init) }
}

/// A root cause for counting: the words without case, punctuation at the ends, or spacing.
package struct Cause: Hashable, Sendable {
  package let key: String

  /// nil where there is nothing but spaces.
  package init?(_ text: String) {
    let words = text.lowercased().split { $0.isWhitespace || $0.isPunctuation }
    guard !words.isEmpty else { return nil }
    key = words.joined(separator: " ")
  }
}

/// What came of a step or a tick of the clock.
package struct CaseProgress: Hashable, Sendable {
  package var file: CaseFile
  package var steps: [CaseAdvanced]
  /// Grounds to take it to the outer loop.
  package var escalations: [EscalationReason]

  package init(file: CaseFile, steps: [CaseAdvanced] = [], escalations: [EscalationReason] = []) {
    self.file = file
    self.steps = steps
    self.escalations = escalations
  }
}
