package import Contracts

/// running → achieved → ended, or withdrawn. Deciding only: each step returns the goal as it stands and what to publish.
package enum GoalLifecycle {
  /// What became of a goal, in the order of publication.
  package struct Step: Sendable {
    package var goal: Goal
    package var events: [any Event]
  }

  /// Whether a deed counts towards a goal: same kind, by its team, within its window.
  package static func counts(_ deed: Deed, doneAt time: Timestamp, towards goal: Goal) -> Bool {
    goal.state != .withdrawn && goal.kind == deed.kind && goal.programme == deed.programme
      && (goal.team == nil || goal.team == deed.team) && goal.from <= time && time < goal.until
  }

  /// Sets a goal on top of the deeds that were already done within its window.
  package static func set(_ goal: Goal, deedsDone: Int) -> Step {
    var goal = goal
    goal.progress = deedsDone
    let isReached = goal.progress >= goal.target
    if isReached { goal.state = .known(.achieved) }
    return Step(
      goal: goal,
      events: isReached ? [GoalSet(goal: goal), GoalAchieved(goal: goal)] : [GoalSet(goal: goal)]
    )
  }

  /// Counts one more deed. A goal whose window has closed takes it as well, when the news was late and the deed was
  /// not: its payout is then stated anew.
  package static func progress(_ goal: Goal, evidence: String) -> Step {
    var goal = goal
    goal.progress += 1
    var events: [any Event] = []
    if goal.state == .running, goal.progress >= goal.target {
      goal.state = .known(.achieved)
      events.append(GoalAchieved(goal: goal))
    }
    if goal.state == .ended {
      events.append(GoalEnded(goal: goal, payout: Payout.amount(for: goal)))
    }
    return Step(goal: goal, events: [GoalProgressed(goal: goal, evidence: evidence)] + events)
  }

  /// Closes a goal whose window is over and states what it brings.
  /// - Returns: nil where it isn't over, or was closed before.
  package static func end(_ goal: Goal, at now: Timestamp) -> Step? {
    guard goal.until <= now, goal.state == .running || goal.state == .achieved else { return nil }
    var goal = goal
    goal.state = .known(.ended)
    return Step(goal: goal, events: [GoalEnded(goal: goal, payout: Payout.amount(for: goal))])
  }

  /// Takes a running goal back. One that was reached has earned its payout.
  package static func withdraw(_ goal: Goal) throws(Fault) -> Step {
    guard goal.state == .running else {
      throw Fault(
        .failedPrecondition,
        reason: "goalNotRunning",
        "Goal \(goal.id) is \(goal.state.rawValue): only a running goal can be withdrawn.",
        field: "id"
      )
    }
    var goal = goal
    goal.state = .known(.withdrawn)
    return Step(goal: goal, events: [GoalEnded(goal: goal)])
  }
}
