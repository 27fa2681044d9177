package import Contracts
import Foundation

/// The rules under which a goal may be set.
package struct GoalTerms: Sendable {
  /// The most that flooding could ever earn.
  package static let highestCapRatio = 1.2

  package var scores: ScoreTargetGuard
  package var defaultCapRatio: Double
  /// How far back a goal's window may reach: deeds already done then count.
  package var earliestStart: Duration
  package var longestWindow: Duration

  package init(
    scores: ScoreTargetGuard = .standard,
    defaultCapRatio: Double = highestCapRatio,
    earliestStart: Duration = .days(92),
    longestWindow: Duration = .days(731)
  ) {
    self.scores = scores
    self.defaultCapRatio = defaultCapRatio
    self.earliestStart = earliestStart
    self.longestWindow = longestWindow
  }

  /// The goal that a request describes, without progress yet.
  /// - Throws: `scoreTargetForbidden` before anything else; then what is wrong with kind, figures, window or reward.
  package func goal(from request: SetGoal, id: ID<Goal>, setBy: String, at now: Timestamp) throws(Fault) -> Goal {
    try scores.refuse(scoresIn: [
      ("kind", request.kind.known == nil ? request.kind.rawValue : nil), ("behaviour", request.behaviour),
      ("touchpoint", request.touchpoint), ("reward.other", request.reward?.other),
    ])
    let kind = try kind(of: request)
    let (from, until) = try window(of: request, at: now)
    let figures = try figures(of: request)
    return Goal(
      id: id,
      programme: request.programme,
      kind: .known(kind),
      behaviour: try words(of: request),
      evidenceEventType: kind.evidenceEventType,
      unit: .known(try unit(of: request)),
      team: request.team,
      target: request.target,
      floor: figures.floor,
      capRatio: figures.capRatio,
      from: from,
      until: until,
      counterMetric: try counterMetric(of: request, kind: kind),
      touchpoint: request.touchpoint,
      reward: try reward(of: request),
      progress: 0,
      state: .known(.running),
      setBy: setBy
    )
  }

  private func kind(of request: SetGoal) throws(Fault) -> GoalKind {
    guard let kind = request.kind.known else {
      let known = GoalKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Fault(
        .invalidArgument,
        reason: "unknownGoalKind",
        "\"\(request.kind.rawValue)\" is no kind of behaviour that goals are set on: use one of \(known).",
        field: "kind"
      )
    }
    return kind
  }

  private func words(of request: SetGoal) throws(Fault) -> String {
    let words = request.behaviour.trimmed
    guard !words.isEmpty, words.utf8.count <= 500 else {
      throw Fault(
        .invalidArgument,
        reason: "behaviourMissing",
        "Say in the team's own words, in 1 to 500 bytes, what it will do.",
        field: "behaviour"
      )
    }
    return words
  }

  private func unit(of request: SetGoal) throws(Fault) -> GoalUnit {
    switch (request.unit, request.team) {
    case (.some(.unknown(let raw)), _):
      throw Fault(
        .invalidArgument,
        reason: "unknownGoalUnit",
        "\"\(raw)\" is no unit: use team or programme.",
        field: "unit"
      )
    case (.some(.known(.team)), nil):
      throw Fault(
        .invalidArgument,
        reason: "teamMissing",
        "A goal with unit team needs the team whose goal it is.",
        field: "team"
      )
    case (.some(.known(.programme)), .some):
      throw Fault(
        .invalidArgument,
        reason: "teamNotExpected",
        "A goal with unit programme belongs to all teams: leave team out, or use unit team.",
        field: "team"
      )
    case (_, let team): return team == nil ? .programme : .team
    }
  }

  private func figures(of request: SetGoal) throws(Fault) -> (floor: Int, capRatio: Double) {
    guard (1...1_000_000).contains(request.target) else {
      throw Fault(
        .invalidArgument,
        reason: "targetOutOfRange",
        "A target counts deeds, from 1 to 1,000,000.",
        field: "target"
      )
    }
    let floor = request.floor ?? 0
    guard (0...request.target).contains(floor) else {
      throw Fault(
        .invalidArgument,
        reason: "floorOutOfRange",
        "The floor lies between 0 and the target, \(request.target).",
        field: "floor"
      )
    }
    let capRatio = request.capRatio ?? defaultCapRatio
    guard capRatio >= 1, capRatio <= Self.highestCapRatio else {
      throw Fault(
        .invalidArgument,
        reason: "capRatioOutOfRange",
        "The cap lies between 1 and 1.2 times the reward: more would pay for flooding.",
        field: "capRatio"
      )
    }
    return (floor, capRatio)
  }

  private func window(of request: SetGoal, at now: Timestamp) throws(Fault) -> (Timestamp, Timestamp) {
    let from = request.from ?? now
    guard from >= now - earliestStart else {
      throw Fault(
        .invalidArgument,
        reason: "windowTooEarly",
        "The window may begin at most \(earliestStart.wholeDays) days ago.",
        field: "from"
      )
    }
    guard request.until > from, request.until > now, request.until - from <= longestWindow else {
      throw Fault(
        .invalidArgument,
        reason: "windowOutOfRange",
        "The window has to end after it begins, in the future, and within \(longestWindow.wholeDays) days.",
        field: "until"
      )
    }
    return (from, request.until)
  }

  private func counterMetric(of request: SetGoal, kind: GoalKind) throws(Fault) -> String {
    let metric = request.counterMetric.trimmed
    guard !metric.isEmpty, metric.utf8.count <= 200, metric != kind.rawValue else {
      throw Fault(
        .invalidArgument,
        reason: "counterMetricMissing",
        "Name, in 1 to 200 bytes, what must not suffer for this goal; it can't be the goal's own measure.",
        field: "counterMetric"
      )
    }
    return metric
  }

  private func reward(of request: SetGoal) throws(Fault) -> Reward {
    let reward = request.reward ?? Reward()
    if let money = reward.monetary, money.amount < 0 || !money.isWholeMinorUnits {
      throw Fault(
        .invalidArgument,
        reason: "rewardOutOfRange",
        "A reward is not negative and has at most \(money.minorUnitDigits) decimals in \(money.currency).",
        field: "reward.monetary"
      )
    }
    return reward
  }
}

extension String {
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

extension Duration {
  var wholeDays: Int64 { wholeMilliseconds / 86_400_000 }
}
