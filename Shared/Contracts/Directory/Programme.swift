/// One brand or customer-feedback programme: the unit of isolation, permission and partitioning.
public struct Programme: Codable, Hashable, Sendable {
  public var id: ID<Programme>
  public var name: String
  /// An IANA time zone name such as `Europe/Lisbon`: business hours are read in it.
  public var timeZone: String
  /// The language of texts that don't say, as a BCP 47 tag.
  public var defaultLanguage: String
  /// When cases are worked on; nil means Monday to Friday, 09:00 to 17:00.
  public var calendar: BusinessCalendar?
  /// What anyone may try at once, without asking; nil means the configured default.
  public var licence: LicenceToTry?

  public init(
    id: ID<Programme>,
    name: String,
    timeZone: String = "UTC",
    defaultLanguage: String = "en",
    calendar: BusinessCalendar? = nil,
    licence: LicenceToTry? = nil
  ) {
    self.id = id
    self.name = name
    self.timeZone = timeZone
    self.defaultLanguage = defaultLanguage
    self.calendar = calendar
    self.licence = licence
  }
}

/// The hours in which a programme works: intervals by weekday, less holidays, in the programme's time zone.
public struct BusinessCalendar: Codable, Hashable, Sendable {
  /// Keyed by ISO weekday, "1" (Monday) to "7" (Sunday); several intervals a day, in order, not overlapping.
  public var intervals: [String: [Interval]]
  /// Days off, as `YYYY-MM-DD` in the programme's time zone.
  public var holidays: [String]

  public init(intervals: [String: [Interval]], holidays: [String] = []) {
    self.intervals = intervals
    self.holidays = holidays
  }

  /// From one local time to another on the same day.
  public struct Interval: Codable, Hashable, Sendable {
    /// Minutes after local midnight, 0 ..< 1440.
    public var startMinute: Int
    /// Minutes after local midnight, above `startMinute`, at most 1440.
    public var endMinute: Int

    public init(startMinute: Int, endMinute: Int) {
      self.startMinute = startMinute
      self.endMinute = endMinute
    }
  }

  /// Monday to Friday, 09:00 to 17:00, no holidays.
  public static let weekdaysNineToFive = BusinessCalendar(
    intervals: Dictionary(
      uniqueKeysWithValues: (1...5).map { ("\($0)", [Interval(startMinute: 540, endMinute: 1020)]) }
    )
  )
}

/// The limits inside which anyone may start a small test at once: a budget per team and calendar month that renews.
public struct LicenceToTry: Codable, Hashable, Sendable {
  /// The most that one test may lose.
  public var maximumLoss: Money
  /// The most customers that one test may touch.
  public var blastRadiusCustomers: Int
  /// The latest review, in days from the start.
  public var reviewWithinDays: Int
  /// How many tests a team may start in a calendar month.
  public var testsPerTeamAndMonth: Int

  public init(maximumLoss: Money, blastRadiusCustomers: Int, reviewWithinDays: Int, testsPerTeamAndMonth: Int) {
    self.maximumLoss = maximumLoss
    self.blastRadiusCustomers = blastRadiusCustomers
    self.reviewWithinDays = reviewWithinDays
    self.testsPerTeamAndMonth = testsPerTeamAndMonth
  }
}
