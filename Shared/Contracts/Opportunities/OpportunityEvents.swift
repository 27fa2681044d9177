// Each carries the whole opportunity as it stood after the change: a reader needs no other record to show it.

/// A theme was seen often enough to be one.
public struct OpportunityOpened: Event, Hashable {
  public static let type = EventType("opportunity.opened")
  public static let stream = StreamName.ranking
  public var opportunity: Opportunity

  public init(opportunity: Opportunity) {
    self.opportunity = opportunity
  }

  public var programme: ID<Programme> { opportunity.programme }
  public var key: String { opportunity.id.rawValue }
}

/// It has grown noticeably since the last record about it.
public struct OpportunityGrown: Event, Hashable {
  public static let type = EventType("opportunity.grown")
  public static let stream = StreamName.ranking
  public var opportunity: Opportunity

  public init(opportunity: Opportunity) {
    self.opportunity = opportunity
  }

  public var programme: ID<Programme> { opportunity.programme }
  public var key: String { opportunity.id.rawValue }
}

/// Themes became one. `opportunity` is the one that stays.
public struct OpportunityMerged: Event, Hashable {
  public static let type = EventType("opportunity.merged")
  public static let stream = StreamName.ranking
  public var opportunity: Opportunity
  public var absorbed: [ID<Opportunity>]
  /// nil where the system did it by itself.
  public var by: String?

  public init(opportunity: Opportunity, absorbed: [ID<Opportunity>], by: String? = nil) {
    self.opportunity = opportunity
    self.absorbed = absorbed
    self.by = by
  }

  public var programme: ID<Programme> { opportunity.programme }
  public var key: String { opportunity.id.rawValue }
}

/// A theme came apart, or a merge was undone. `opportunity` is the one that was split.
public struct OpportunitySplit: Event, Hashable {
  public static let type = EventType("opportunity.split")
  public static let stream = StreamName.ranking
  public var opportunity: Opportunity
  public var parts: [Opportunity]
  public var by: String?

  public init(opportunity: Opportunity, parts: [Opportunity], by: String? = nil) {
    self.opportunity = opportunity
    self.parts = parts
    self.by = by
  }

  public var programme: ID<Programme> { opportunity.programme }
  public var key: String { opportunity.id.rawValue }
}

/// A person renamed, pinned, muted, estimated or refiled.
public struct OpportunityCurated: Event, Hashable {
  public static let type = EventType("opportunity.curated")
  public static let stream = StreamName.ranking
  public var opportunity: Opportunity
  public var change: Open<Curation>
  public var by: String

  public init(opportunity: Opportunity, change: Open<Curation>, by: String) {
    self.opportunity = opportunity
    self.change = change
    self.by = by
  }

  public var programme: ID<Programme> { opportunity.programme }
  public var key: String { opportunity.id.rawValue }
}

public enum Curation: String, Codable, Sendable, CaseIterable {
  case renamed, pinned, unpinned, muted, unmuted, estimated, refiled
}

/// Something changed at once in how much comes in, or what about.
public struct DisruptionDetected: Event, Hashable {
  public static let type = EventType("disruption.detected")
  public static let stream = StreamName.ranking
  public var disruption: Disruption

  public init(disruption: Disruption) {
    self.disruption = disruption
  }

  public var programme: ID<Programme> { disruption.programme }
  public var key: String { disruption.id.rawValue }
}

/// A change-point, and how fast we answered it.
public struct Disruption: Codable, Hashable, Sendable {
  public var id: ID<Disruption>
  public var programme: ID<Programme>
  public var startedAt: Timestamp
  public var detectedAt: Timestamp
  /// Items a day before and since.
  public var rateBefore: Double
  public var rateSince: Double
  public var opportunity: ID<Opportunity>?
  public var firstIdeaAt: Timestamp?
  public var firstTestAt: Timestamp?
  public var recoveredAt: Timestamp?

  public init(
    id: ID<Disruption>,
    programme: ID<Programme>,
    startedAt: Timestamp,
    detectedAt: Timestamp,
    rateBefore: Double,
    rateSince: Double,
    opportunity: ID<Opportunity>? = nil,
    firstIdeaAt: Timestamp? = nil,
    firstTestAt: Timestamp? = nil,
    recoveredAt: Timestamp? = nil
  ) {
    self.id = id
    self.programme = programme
    self.startedAt = startedAt
    self.detectedAt = detectedAt
    self.rateBefore = rateBefore
    self.rateSince = rateSince
    self.opportunity = opportunity
    self.firstIdeaAt = firstIdeaAt
    self.firstTestAt = firstTestAt
    self.recoveredAt = recoveredAt
  }
}
