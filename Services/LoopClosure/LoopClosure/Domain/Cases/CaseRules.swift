package import Contracts

/// The steps of the inner loop: open → contacted → resolved → confirmed → closed, reopenable.
package struct CaseRules: Sendable {
  package let timers: CaseTimers

  package init(calendar: WorkingCalendar, policy: LoopPolicy) {
    timers = CaseTimers(calendar: calendar, policy: policy)
  }

  /// The states that a step may be taken from. Steps that only clocks and merges take are not in it.
  private static let origins: [CaseStep: Set<CaseState>] = [
    .contacted: [.open],
    .resolved: [.contacted],
    .confirmed: [.resolved],
    .closed: [.confirmed],
    .reopened: [.resolved, .confirmed, .closed],
    .paused: [.open, .contacted],
    .resumed: [.open, .contacted],
    .assigned: [.open, .contacted, .resolved, .confirmed],
  ]

  /// Takes one step. Moving on ends a pause that still runs.
  /// - Throws: `Fault`: `unknownStep`, `wrongState`, `rootCauseMissing`, `actionMissing`, `assigneeMissing`,
  ///   `pauseReasonMissing`, `notPaused`, `alreadyPaused`.
  package func advance(
    _ file: CaseFile,
    by request: AdvanceCase,
    actor: String,
    now: Timestamp
  ) throws(Fault) -> CaseProgress {
    guard let step = request.step.known, let origins = CaseRules.origins[step] else {
      throw Fault(
        .invalidArgument,
        reason: "unknownStep",
        "'\(request.step.rawValue)' is not a step that a person takes; take one of "
          + CaseRules.origins.keys.map(\.rawValue).sorted().joined(separator: ", "),
        field: "step"
      )
    }
    guard let state = file.case.state.known, origins.contains(state) else {
      throw Fault(
        .failedPrecondition,
        reason: "wrongState",
        "a case that is \(file.case.state.rawValue) can't be \(step.rawValue); it has to be "
          + origins.map(\.rawValue).sorted().joined(separator: " or "),
        field: "step"
      )
    }
    var progress = CaseProgress(file: file)
    let wasBeyondControl = file.case.isBeyondTeamControl
    note(request, in: &progress.file.case)
    try take(step, request, &progress, now: now)
    progress.file = timers.rescheduled(progress.file, now: now)
    progress.steps.append(
      CaseAdvanced(case: progress.file.case, step: .known(step), by: actor, note: request.note)
    )
    if progress.file.case.isBeyondTeamControl, !wasBeyondControl { progress.escalations.append(.beyondTeamControl) }
    if step == .reopened, progress.file.case.reopenedCount >= timers.policy.reopenedEscalation {
      progress.escalations.append(.reopenedTwice)
    }
    return progress
  }

  /// Joins cases of one customer into `canonical`. The others leave the SLA; their misses stay.
  /// - Throws: `Fault`: `nothingToMerge`, `mergeIntoItself`, `alreadyMerged`, `otherCustomer`.
  package func merge(
    _ files: [CaseFile],
    into canonical: CaseFile,
    actor: String
  ) throws(Fault) -> [CaseProgress] {
    guard !files.isEmpty else {
      throw Fault(.invalidArgument, reason: "nothingToMerge", "name at least one case to merge", field: "merged")
    }
    for file in files + [canonical] where file.case.state == .merged {
      throw Fault(
        .failedPrecondition,
        reason: "alreadyMerged",
        "case \(file.case.id) has been merged already",
        field: "merged"
      )
    }
    for file in files {
      guard file.case.id != canonical.case.id else {
        throw Fault(.invalidArgument, reason: "mergeIntoItself", "a case can't be merged into itself", field: "merged")
      }
      if let one = file.case.customer, let other = canonical.case.customer, one != other {
        throw Fault(
          .failedPrecondition,
          reason: "otherCustomer",
          "case \(file.case.id) is another customer's, who would never be called; link both to one outer-loop item",
          field: "merged"
        )
      }
    }
    return files.map { file in
      var merged = file
      merged.case.state = .known(.merged)
      merged.case.mergedInto = canonical.case.id
      let step = CaseAdvanced(case: merged.case, step: .known(.merged), by: actor)
      return CaseProgress(file: merged, steps: [step])
    }
  }

  /// What a step may carry beside the step itself.
  private func note(_ request: AdvanceCase, in file: inout Case) {
    if let rootCause = request.rootCause?.nonBlank { file.rootCause = rootCause }
    if let action = request.action?.nonBlank { file.action = action }
    if let assignee = request.assignee { file.assignee = assignee }
    if let beyond = request.isBeyondTeamControl { file.isBeyondTeamControl = beyond }
  }

  private func take(
    _ step: CaseStep,
    _ request: AdvanceCase,
    _ progress: inout CaseProgress,
    now: Timestamp
  ) throws(Fault) {
    if step != .paused, step != .assigned {
      let ended = endPause(&progress.file.case, now: now)
      if step == .resumed, !ended {
        throw Fault(.failedPrecondition, reason: "notPaused", "the case isn't paused", field: "step")
      }
    }
    // Whether it comes too late is read off a clock that knows of every pause, the one just ended included.
    progress.file = timers.rescheduled(progress.file, now: now)
    switch step {
    case .contacted:
      timers.noteMisses(&progress, now: now)
      progress.file.case.state = .known(.contacted)
      progress.file.case.firstContactAt = progress.file.case.firstContactAt ?? now
    case .resolved:
      timers.noteMisses(&progress, now: now)
      progress.file.case.state = .known(.resolved)
      progress.file.case.resolvedAt = now
    case .confirmed:
      progress.file.case.state = .known(.confirmed)
      progress.file.case.confirmedAt = now
    case .closed: try close(&progress.file.case, now: now)
    case .reopened: reopen(&progress.file, now: now)
    case .paused: try pause(&progress, request.note, now: now)
    case .assigned where request.assignee == nil:
      throw Fault(.invalidArgument, reason: "assigneeMissing", "say who takes the case", field: "assignee")
    case .assigned, .resumed, .merged, .missedFirstContact, .missedResolve, .reminded: break
    }
  }

  private func close(_ file: inout Case, now: Timestamp) throws(Fault) {
    guard file.rootCause != nil else {
      throw Fault(
        .failedPrecondition,
        reason: "rootCauseMissing",
        "say what the root cause was before closing",
        field: "rootCause"
      )
    }
    guard file.action != nil else {
      throw Fault(
        .failedPrecondition,
        reason: "actionMissing",
        "say what was done about it before closing",
        field: "action"
      )
    }
    file.state = .known(.closed)
    file.closedAt = now
  }

  private func reopen(_ file: inout CaseFile, now: Timestamp) {
    file.case.state = .known(.open)
    file.case.resolvedAt = nil
    file.case.confirmedAt = nil
    file.case.closedAt = nil
    file.case.reopenedCount += 1
    file.resolveClockFrom = now
    file.remindedOfResolve = false
  }

  private func pause(_ progress: inout CaseProgress, _ reason: String?, now: Timestamp) throws(Fault) {
    guard !progress.file.isPaused else {
      throw Fault(.failedPrecondition, reason: "alreadyPaused", "the case is paused already; resume it", field: "step")
    }
    guard let reason = reason?.nonBlank else {
      throw Fault(.invalidArgument, reason: "pauseReasonMissing", "say in the note what is waited for", field: "note")
    }
    // What is late before the pause begins is late, however long the pause.
    timers.noteMisses(&progress, now: now)
    progress.file.case.pauses.append(Pause(from: now, reason: reason))
  }

  private func endPause(_ file: inout Case, now: Timestamp) -> Bool {
    guard let running = file.pauses.firstIndex(where: { $0.until == nil }) else { return false }
    file.pauses[running].until = now
    return true
  }
}
