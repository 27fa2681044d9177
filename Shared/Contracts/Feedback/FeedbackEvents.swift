/// A customer's words were recorded for the first time.
public struct FeedbackRecorded: Event, Hashable {
  public static let type = EventType("feedback.recorded")
  public static let stream = StreamName.ingestion

  public var feedback: Feedback

  public init(feedback: Feedback) {
    self.feedback = feedback
  }

  public var programme: ID<Programme> { feedback.programme }
  public var key: String { feedback.id.rawValue }
}

/// The source edited what it had sent; `feedback.revision` counts up.
public struct FeedbackRevised: Event, Hashable {
  public static let type = EventType("feedback.revised")
  public static let stream = StreamName.ingestion

  public var feedback: Feedback

  public init(feedback: Feedback) {
    self.feedback = feedback
  }

  public var programme: ID<Programme> { feedback.programme }
  public var key: String { feedback.id.rawValue }
}

/// Feedback was withdrawn or erased: forget its words and everything derived from them alone.
public struct FeedbackErased: Event, Hashable {
  public static let type = EventType("feedback.erased")
  public static let stream = StreamName.ingestion

  public var id: ID<Feedback>
  public var programme: ID<Programme>
  public var reason: String

  public init(id: ID<Feedback>, programme: ID<Programme>, reason: String) {
    self.id = id
    self.programme = programme
    self.reason = reason
  }

  public var key: String { id.rawValue }
}

/// A score that came with feedback. Nobody's rank or pay may depend on it, so it has a stream of its own that
/// Ranking and GoalSetting may not read.
public struct ScoreObserved: Event, Hashable {
  public static let type = EventType("score.observed")
  public static let stream = StreamName.scores

  public var feedback: ID<Feedback>
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var touchpoint: String?
  public var channel: Open<Channel>
  public var occurredAt: Timestamp
  public var score: Score

  public init(
    feedback: ID<Feedback>,
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    touchpoint: String? = nil,
    channel: Open<Channel>,
    occurredAt: Timestamp,
    score: Score
  ) {
    self.feedback = feedback
    self.programme = programme
    self.team = team
    self.touchpoint = touchpoint
    self.channel = channel
    self.occurredAt = occurredAt
    self.score = score
  }

  public var key: String { feedback.rawValue }
}

/// A figure that a customer gave, with the scale it was given on.
public struct Score: Codable, Hashable, Sendable {
  public var kind: Open<ScoreKind>
  public var value: Double
  public var minimum: Double
  public var maximum: Double

  public init(kind: Open<ScoreKind>, value: Double, minimum: Double, maximum: Double) {
    self.kind = kind
    self.value = value
    self.minimum = minimum
    self.maximum = maximum
  }
}

public enum ScoreKind: String, Codable, Sendable, CaseIterable {
  case nps = "NPS"
  case csat = "CSAT"
  case ces = "CES"
  case stars, other
}

/// One outcome of one unit in an experiment.
public struct ObservationRecorded: Event, Hashable {
  public static let type = EventType("observation.recorded")
  public static let stream = StreamName.observations

  public var id: ID<Observation>
  public var observation: Observation

  public init(id: ID<Observation>, observation: Observation) {
    self.id = id
    self.observation = observation
  }

  public var programme: ID<Programme> { observation.programme }
  public var key: String { observation.experiment.rawValue }
}

/// An outcome for a metric, as a proportion: it happened to the unit, or it did not.
public struct Observation: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var experiment: ID<Experiment>
  public var arm: Open<Arm>
  /// The metric's name as the pre-registration has it.
  public var metric: String
  /// The customer, contact or team-week that was observed; counted once for each metric.
  public var unit: String
  public var happened: Bool
  public var occurredAt: Timestamp

  public init(
    programme: ID<Programme>,
    experiment: ID<Experiment>,
    arm: Open<Arm>,
    metric: String,
    unit: String,
    happened: Bool,
    occurredAt: Timestamp
  ) {
    self.programme = programme
    self.experiment = experiment
    self.arm = arm
    self.metric = metric
    self.unit = unit
    self.happened = happened
    self.occurredAt = occurredAt
  }
}

public enum Arm: String, Codable, Sendable, CaseIterable {
  /// As it has always been done.
  case control
  /// As the idea would have it.
  case treatment
}

/// How many contacts there were on a day: the denominator of coverage.
public struct InteractionsCounted: Event, Hashable {
  public static let type = EventType("interactions.counted")
  public static let stream = StreamName.observations

  public var programme: ID<Programme>
  public var channel: Open<Channel>
  public var team: ID<Team>?
  /// `YYYY-MM-DD` in the programme's time zone.
  public var day: String
  public var count: Int

  public init(programme: ID<Programme>, channel: Open<Channel>, team: ID<Team>? = nil, day: String, count: Int) {
    self.programme = programme
    self.channel = channel
    self.team = team
    self.day = day
    self.count = count
  }

  public var key: String { "\(channel.rawValue)/\(day)" }
}
