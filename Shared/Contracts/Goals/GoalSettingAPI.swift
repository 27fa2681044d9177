/// What GoalSetting answers: goals on behaviour, their progress, and the partners' joint ledger.
public enum GoalSettingAPI {
  static let service = "goalsetting.v1"

  public static let goals = Query<GoalsRequest, GoalList>(service, "Goals")
  /// Refuses targets on scores with `scoreTargetForbidden`.
  public static let setGoal = Command<SetGoal, Goal>(service, "SetGoal")
  public static let withdrawGoal = Command<WithdrawGoal, Goal>(service, "WithdrawGoal")
  public static let tunnelVision = Query<TunnelVisionRequest, TunnelVisionReport>(service, "TunnelVision")
  public static let agreePartnership = Command<AgreePartnership, Partnership>(service, "AgreePartnership")
  public static let openSafeHarbour = Command<OpenSafeHarbour, SafeHarbour>(service, "OpenSafeHarbour")
  public static let postLedger = Command<PostLedger, LedgerEntry>(service, "PostLedger")
  public static let ledger = Query<LedgerRequest, JointLedger>(service, "Ledger")
}

public struct GoalsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var id: ID<Goal>?

  public init(programme: ID<Programme>, team: ID<Team>? = nil, id: ID<Goal>? = nil) {
    self.programme = programme
    self.team = team
    self.id = id
  }
}

public struct GoalList: Codable, Hashable, Sendable {
  public var goals: [GoalProgress]

  public init(goals: [GoalProgress]) {
    self.goals = goals
  }
}

public struct GoalProgress: Codable, Hashable, Sendable {
  public var goal: Goal
  /// progress ÷ target.
  public var ratio: Double
  /// amount × min(capRatio, progress ÷ target), nothing below the floor; nil where no money is at stake.
  public var payout: Money?
  /// The newest deeds that counted, as stream and position.
  public var evidence: [String]

  public init(goal: Goal, ratio: Double, payout: Money? = nil, evidence: [String]) {
    self.goal = goal
    self.ratio = ratio
    self.payout = payout
    self.evidence = evidence
  }
}

public struct SetGoal: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var kind: Open<GoalKind>
  public var behaviour: String
  public var unit: Open<GoalUnit>?
  public var team: ID<Team>?
  public var target: Int
  public var floor: Int?
  public var capRatio: Double?
  public var from: Timestamp?
  public var until: Timestamp
  public var counterMetric: String
  public var touchpoint: String?
  public var reward: Reward?

  public init(
    programme: ID<Programme>,
    kind: Open<GoalKind>,
    behaviour: String,
    unit: Open<GoalUnit>? = nil,
    team: ID<Team>? = nil,
    target: Int,
    floor: Int? = nil,
    capRatio: Double? = nil,
    from: Timestamp? = nil,
    until: Timestamp,
    counterMetric: String,
    touchpoint: String? = nil,
    reward: Reward? = nil
  ) {
    self.programme = programme
    self.kind = kind
    self.behaviour = behaviour
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
  }
}

public struct WithdrawGoal: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Goal>

  public init(programme: ID<Programme>, id: ID<Goal>) {
    self.programme = programme
    self.id = id
  }
}

public struct TunnelVisionRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct AgreePartnership: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var parties: [Party]
  public var riskBudget: Money
  public var governanceDates: [Timestamp]?

  public init(programme: ID<Programme>, parties: [Party], riskBudget: Money, governanceDates: [Timestamp]? = nil) {
    self.programme = programme
    self.parties = parties
    self.riskBudget = riskBudget
    self.governanceDates = governanceDates
  }
}

public struct OpenSafeHarbour: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var experiment: ID<Experiment>
  public var cohort: String
  public var from: Timestamp
  public var until: Timestamp
  public var waivedMetrics: [String]

  public init(
    programme: ID<Programme>,
    experiment: ID<Experiment>,
    cohort: String,
    from: Timestamp,
    until: Timestamp,
    waivedMetrics: [String]
  ) {
    self.programme = programme
    self.experiment = experiment
    self.cohort = cohort
    self.from = from
    self.until = until
    self.waivedMetrics = waivedMetrics
  }
}

/// Shares a gain (positive) or a loss (negative) out by the partnership's split.
public struct PostLedger: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var partnership: ID<Partnership>
  public var amount: Money
  public var text: String
  public var experiment: ID<Experiment>?

  public init(
    programme: ID<Programme>,
    partnership: ID<Partnership>,
    amount: Money,
    text: String,
    experiment: ID<Experiment>? = nil
  ) {
    self.programme = programme
    self.partnership = partnership
    self.amount = amount
    self.text = text
    self.experiment = experiment
  }
}

public struct LedgerRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct JointLedger: Codable, Hashable, Sendable {
  public var partnerships: [Partnership]
  public var safeHarbours: [SafeHarbour]
  public var entries: [LedgerEntry]
  /// By account and currency, summed.
  public var balances: [Posting]
  /// What is left of the risk budget, by partnership id.
  public var riskBudgetLeft: [String: Money]

  public init(
    partnerships: [Partnership],
    safeHarbours: [SafeHarbour],
    entries: [LedgerEntry],
    balances: [Posting],
    riskBudgetLeft: [String: Money]
  ) {
    self.partnerships = partnerships
    self.safeHarbours = safeHarbours
    self.entries = entries
    self.balances = balances
    self.riskBudgetLeft = riskBudgetLeft
  }
}
