package import Contracts

/// The clocks of a case. Nothing is remembered outside the file, so they survive any restart.
package struct CaseTimers: Sendable {
  package let calendar: WorkingCalendar
  package let policy: LoopPolicy

  package init(calendar: WorkingCalendar, policy: LoopPolicy) {
    self.calendar = calendar
    self.policy = policy
  }

  /// Reckons again what is still to come. What was met or missed stays as it was, whatever the calendar says now.
  package func rescheduled(_ file: CaseFile, now: Timestamp) -> CaseFile {
    var file = file
    if file.awaitsFirstContact, !file.case.missedFirstContact {
      file.case.firstContactDue = due(policy.firstContactDue, from: file.case.openedAt, file, now)
    }
    if file.isInService, !file.case.missedResolve || file.case.reopenedCount > 0 {
      file.case.resolveDue = due(policy.resolveDue, from: file.resolveClockFrom, file, now)
    }
    return file
  }

  /// Notes what has been missed by `now`, and reminds, but only in working time.
  package func tick(_ file: CaseFile, now: Timestamp) -> CaseProgress {
    var progress = CaseProgress(file: file)
    guard file.isInService, !file.isPaused else { return progress }
    noteMisses(&progress, now: now)
    guard calendar.isOpen(at: now), let reminder = pendingReminder(progress.file, now: now), reminder.at <= now else {
      return progress
    }
    if reminder.isOfContact {
      progress.file.remindedOfContact = true
    } else {
      progress.file.remindedOfResolve = true
    }
    progress.steps.append(step(.reminded, progress.file))
    return progress
  }

  /// Marks a timer that ran out before `now`, once. A miss is never taken back.
  func noteMisses(_ progress: inout CaseProgress, now: Timestamp) {
    if progress.file.awaitsFirstContact, !progress.file.case.missedFirstContact,
      now > progress.file.case.firstContactDue
    {
      progress.file.case.missedFirstContact = true
      progress.steps.append(step(.missedFirstContact, progress.file))
    }
    if progress.file.isInService, !progress.file.case.missedResolve, now > progress.file.case.resolveDue {
      progress.file.case.missedResolve = true
      progress.steps.append(step(.missedResolve, progress.file))
    }
  }

  /// When `tick` has something to do next; nil where no clock runs.
  package func nextTick(_ file: CaseFile, now: Timestamp) -> Timestamp? {
    guard file.isInService, !file.isPaused else { return nil }
    var moments: [Timestamp] = []
    if file.awaitsFirstContact, !file.case.missedFirstContact {
      moments.append(file.case.firstContactDue + .milliseconds(1))
    }
    if !file.case.missedResolve { moments.append(file.case.resolveDue + .milliseconds(1)) }
    if let reminder = pendingReminder(file, now: now) {
      moments.append(calendar.nextOpening(from: max(reminder.at, now)))
    }
    return moments.min()
  }

  private func pendingReminder(_ file: CaseFile, now: Timestamp) -> (at: Timestamp, isOfContact: Bool)? {
    if file.awaitsFirstContact {
      guard !file.remindedOfContact else { return nil }
      return (due(max(.zero, policy.firstContactDue - policy.reminderLead), from: file.case.openedAt, file, now), true)
    }
    guard file.isInService, !file.remindedOfResolve else { return nil }
    return (due(max(.zero, policy.resolveDue - policy.reminderLead), from: file.resolveClockFrom, file, now), false)
  }

  private func due(_ budget: Duration, from start: Timestamp, _ file: CaseFile, _ now: Timestamp) -> Timestamp {
    calendar.due(after: budget, from: start, pauses: file.case.pauses, now: now)
  }

  private func step(_ step: CaseStep, _ file: CaseFile) -> CaseAdvanced {
    CaseAdvanced(case: file.case, step: .known(step), by: "groundswell")
  }
}
