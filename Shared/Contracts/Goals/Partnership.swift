/// A brand and its provider, who share what is risked and what is gained.
public struct Partnership: Codable, Hashable, Sendable {
  public var id: ID<Partnership>
  public var programme: ID<Programme>
  public var parties: [Party]
  public var riskBudget: Money
  public var governanceDates: [Timestamp]
  public var agreedAt: Timestamp

  public init(
    id: ID<Partnership>,
    programme: ID<Programme>,
    parties: [Party],
    riskBudget: Money,
    governanceDates: [Timestamp],
    agreedAt: Timestamp
  ) {
    self.id = id
    self.programme = programme
    self.parties = parties
    self.riskBudget = riskBudget
    self.governanceDates = governanceDates
    self.agreedAt = agreedAt
  }
}

public struct Party: Codable, Hashable, Sendable {
  public var name: String
  /// Of every loss, in percent; all parties together 100.
  public var riskPercent: Int
  /// Of every gain, in percent; all parties together 100.
  public var gainPercent: Int

  public init(name: String, riskPercent: Int, gainPercent: Int) {
    self.name = name
    self.riskPercent = riskPercent
    self.gainPercent = gainPercent
  }
}

/// Inside it, results are exempt from penalty reports.
public struct SafeHarbour: Codable, Hashable, Sendable {
  public var id: ID<SafeHarbour>
  public var programme: ID<Programme>
  public var experiment: ID<Experiment>
  public var cohort: String
  public var from: Timestamp
  public var until: Timestamp
  public var waivedMetrics: [String]

  public init(
    id: ID<SafeHarbour>,
    programme: ID<Programme>,
    experiment: ID<Experiment>,
    cohort: String,
    from: Timestamp,
    until: Timestamp,
    waivedMetrics: [String]
  ) {
    self.id = id
    self.programme = programme
    self.experiment = experiment
    self.cohort = cohort
    self.from = from
    self.until = until
    self.waivedMetrics = waivedMetrics
  }
}

/// One line of the joint ledger: double entry, so the postings of an entry sum to zero.
public struct LedgerEntry: Codable, Hashable, Sendable {
  public var id: ID<LedgerEntry>
  public var programme: ID<Programme>
  public var partnership: ID<Partnership>
  public var at: Timestamp
  public var text: String
  /// What it follows from.
  public var experiment: ID<Experiment>?
  public var postings: [Posting]

  public init(
    id: ID<LedgerEntry>,
    programme: ID<Programme>,
    partnership: ID<Partnership>,
    at: Timestamp,
    text: String,
    experiment: ID<Experiment>? = nil,
    postings: [Posting]
  ) {
    self.id = id
    self.programme = programme
    self.partnership = partnership
    self.at = at
    self.text = text
    self.experiment = experiment
    self.postings = postings
  }
}

public struct Posting: Codable, Hashable, Sendable {
  /// A party's name, or `joint`.
  public var account: String
  /// Positive: received; negative: borne.
  public var amount: Money

  public init(account: String, amount: Money) {
    self.account = account
    self.amount = amount
  }
}

/// Parties agreed to share.
public struct PartnershipAgreed: Event, Hashable {
  public static let type = EventType("partnership.agreed")
  public static let stream = StreamName.goalSetting
  public var partnership: Partnership

  public init(partnership: Partnership) {
    self.partnership = partnership
  }

  public var programme: ID<Programme> { partnership.programme }
  public var key: String { partnership.id.rawValue }
}

/// A safe harbour was opened.
public struct SafeHarbourOpened: Event, Hashable {
  public static let type = EventType("safeHarbour.opened")
  public static let stream = StreamName.goalSetting
  public var safeHarbour: SafeHarbour

  public init(safeHarbour: SafeHarbour) {
    self.safeHarbour = safeHarbour
  }

  public var programme: ID<Programme> { safeHarbour.programme }
  public var key: String { safeHarbour.id.rawValue }
}

/// A gain or loss was shared out.
public struct LedgerPosted: Event, Hashable {
  public static let type = EventType("ledger.posted")
  public static let stream = StreamName.goalSetting
  public var entry: LedgerEntry

  public init(entry: LedgerEntry) {
    self.entry = entry
  }

  public var programme: ID<Programme> { entry.programme }
  public var key: String { entry.partnership.rawValue }
}
