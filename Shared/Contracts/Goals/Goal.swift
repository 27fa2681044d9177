/// Something a team wants to *do*. There is no way to write down a target on a score.
public struct Goal: Codable, Hashable, Sendable {
  public var id: ID<Goal>
  public var programme: ID<Programme>
  public var kind: Open<GoalKind>
  /// The behaviour, in the team's own words.
  public var behaviour: String
  /// The event that counts as evidence; follows from the kind.
  public var evidenceEventType: EventType
  public var unit: Open<GoalUnit>
  /// Whose goal it is; nil for all teams of the programme.
  public var team: ID<Team>?
  public var target: Int
  /// Below this nothing is paid.
  public var floor: Int
  /// The most that is paid, as a multiple of the reward; at most 1.2.
  public var capRatio: Double
  public var from: Timestamp
  public var until: Timestamp
  /// What must not suffer for it.
  public var counterMetric: String
  public var touchpoint: String?
  public var reward: Reward
  public var progress: Int
  public var state: Open<GoalState>
  public var setBy: String

  public init(
    id: ID<Goal>,
    programme: ID<Programme>,
    kind: Open<GoalKind>,
    behaviour: String,
    evidenceEventType: EventType,
    unit: Open<GoalUnit>,
    team: ID<Team>? = nil,
    target: Int,
    floor: Int,
    capRatio: Double,
    from: Timestamp,
    until: Timestamp,
    counterMetric: String,
    touchpoint: String? = nil,
    reward: Reward,
    progress: Int,
    state: Open<GoalState>,
    setBy: String
  ) {
    self.id = id
    self.programme = programme
    self.kind = kind
    self.behaviour = behaviour
    self.evidenceEventType = evidenceEventType
    self.unit = unit
    self.team = team
    self.target = target
    self.floor = floor
    self.capRatio = capRatio
    self.from = from
    self.until = until
    self.counterMetric = counterMetric
    self.touchpoint = touchpoint
    self.reward = reward
    self.progress = progress
    self.state = state
    self.setBy = setBy
  }
}

public enum GoalKind: String, Codable, Sendable, CaseIterable {
  case suggest, test, implement, adopt, shareLesson, closeLoop, coach, holdHuddle
}

public enum GoalUnit: String, Codable, Sendable, CaseIterable {
  case team, programme
}

public enum GoalState: String, Codable, Sendable, CaseIterable {
  case running, achieved, ended, withdrawn
}

/// What it brings: money, or something else that is said in words.
public struct Reward: Codable, Hashable, Sendable {
  public var monetary: Money?
  public var other: String?

  public init(monetary: Money? = nil, other: String? = nil) {
    self.monetary = monetary
    self.other = other
  }
}

/// A goal was set.
public struct GoalSet: Event, Hashable {
  public static let type = EventType("goal.set")
  public static let stream = StreamName.goalSetting
  public var goal: Goal

  public init(goal: Goal) {
    self.goal = goal
  }

  public var programme: ID<Programme> { goal.programme }
  public var key: String { goal.id.rawValue }
}

/// A deed counted towards a goal.
public struct GoalProgressed: Event, Hashable {
  public static let type = EventType("goal.progressed")
  public static let stream = StreamName.goalSetting
  public var goal: Goal
  /// The event that counted: stream and position.
  public var evidence: String

  public init(goal: Goal, evidence: String) {
    self.goal = goal
    self.evidence = evidence
  }

  public var programme: ID<Programme> { goal.programme }
  public var key: String { goal.id.rawValue }
}

/// A goal reached its target.
public struct GoalAchieved: Event, Hashable {
  public static let type = EventType("goal.achieved")
  public static let stream = StreamName.goalSetting
  public var goal: Goal

  public init(goal: Goal) {
    self.goal = goal
  }

  public var programme: ID<Programme> { goal.programme }
  public var key: String { goal.id.rawValue }
}

/// A goal's window closed, or it was withdrawn; `payout` is what it brought.
public struct GoalEnded: Event, Hashable {
  public static let type = EventType("goal.ended")
  public static let stream = StreamName.goalSetting
  public var goal: Goal
  public var payout: Money?

  public init(goal: Goal, payout: Money? = nil) {
    self.goal = goal
    self.payout = payout
  }

  public var programme: ID<Programme> { goal.programme }
  public var key: String { goal.id.rawValue }
}

/// A goal's weights, or its counter-metric, say that something else is being lost from sight.
public struct TunnelVisionFlagged: Event, Hashable {
  public static let type = EventType("tunnelVision.flagged")
  public static let stream = StreamName.goalSetting
  public var programme: ID<Programme>
  public var report: TunnelVisionReport

  public init(programme: ID<Programme>, report: TunnelVisionReport) {
    self.programme = programme
    self.report = report
  }

  public var key: String { programme.rawValue }
}

/// Herfindahl indices over the weights of running goals; above 0.5 is a warning.
public struct TunnelVisionReport: Codable, Hashable, Sendable {
  public var byKind: Double
  public var byTouchpoint: Double
  public var warnings: [String]

  public init(byKind: Double, byTouchpoint: Double, warnings: [String]) {
    self.byKind = byKind
    self.byTouchpoint = byTouchpoint
    self.warnings = warnings
  }
}
