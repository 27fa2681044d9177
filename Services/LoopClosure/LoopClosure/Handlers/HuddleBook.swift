package import Contracts
package import GRDB
package import Storage

/// Meeting and telling: huddles with their agenda, coaching, and the weekly digest.
package struct HuddleBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint
  /// How far back the first agenda of a team looks.
  private static let firstAgenda = Duration.days(7)
  /// How many of each a short meeting has time for.
  private static let mostFeedback = 10
  private static let mostCases = 10
  private static let mostIdeas = 10
  private static let mostGraves = 3

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
  }

  /// What to talk about: what is new since the last huddle, open cases, ideas due, graves worth retelling.
  package func agenda(_ request: AgendaRequest, at now: Timestamp, _ database: Database) throws -> HuddleAgenda {
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let last = try TellingRows(database: database).lastHuddle(of: request.team, in: request.programme)
    let since = last?.heldAt ?? now - Self.firstAgenda
    let feedback = try FeedbackRows(database: database)
      .recent(of: request.team, in: request.programme, since: since, limit: Self.mostFeedback)
    return HuddleAgenda(
      team: request.team,
      since: since,
      newFeedback: feedback.map(\.quote),
      openCases: try CaseRows(database: database)
        .open(of: request.team, in: request.programme, limit: Self.mostCases),
      ideasDue: try IdeaRows(database: database).due(
        of: request.team,
        in: request.programme,
        implementedBefore: now - policy.verificationAfter,
        limit: Self.mostIdeas
      ),
      graves: try graves(worthRetelling: request, database)
    )
  }

  /// Of the newest graves those of other teams first, whose lessons are news here, and the least retold of them.
  private func graves(worthRetelling request: AgendaRequest, _ database: Database) throws -> [Grave] {
    let newest = try GraveRows(database: database).newest(in: request.programme, limit: 30)
    func rank(_ grave: Grave) -> (Int, Int) { (grave.team == request.team ? 1 : 0, grave.reuseCount + grave.tributes) }
    return Array(newest.sorted { rank($0) < rank($1) }.prefix(Self.mostGraves))
  }

  package func hold(_ request: HoldHuddle, _ transaction: Transaction) throws -> Huddle {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    guard request.attendees >= 2 else {
      throw Fault(
        .invalidArgument,
        reason: "nobodyToHuddle",
        "a huddle takes at least two people",
        field: "attendees"
      )
    }
    let huddle = Huddle(
      id: mint.next("huddle", at: transaction.now),
      programme: request.programme,
      team: request.team,
      heldAt: transaction.now,
      attendees: request.attendees,
      outcomes: request.outcomes.compactMap(\.nonBlank)
    )
    try TellingRows(database: transaction.database).save(huddle)
    try transaction.append(HuddleHeld(huddle: huddle))
    return huddle
  }

  package func record(
    _ request: RecordCoaching,
    actor: Principal,
    _ transaction: Transaction
  ) throws -> CoachingRecorded {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    try directory.require(request.coach, in: request.programme, field: "coach")
    guard let topic = request.topic.nonBlank else {
      throw Fault(.invalidArgument, reason: "topicMissing", "say what it was about", field: "topic")
    }
    let coaching = CoachingRecorded(
      programme: request.programme,
      team: request.team,
      coach: request.coach ?? actor.employee,
      topic: topic,
      at: transaction.now
    )
    try transaction.append(coaching)
    return coaching
  }

  /// The week's digest, Monday to Sunday on the programme's clocks.
  package func digest(_ request: DigestRequest, at now: Timestamp, _ database: Database) throws -> Digest {
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let calendar = try directory.calendar(of: request.programme)
    let thisWeek = calendar.startOfWeek(containing: request.week ?? now)
    let from = request.week == nil ? calendar.midnight(daysAfter: -7, thisWeek) : thisWeek
    let until = calendar.midnight(daysAfter: 7, from)
    let experiments = ExperimentRows(database: database)
    let graves = GraveRows(database: database)
    return DigestRules.digest(
      from: from,
      until: until,
      concluded: try experiments.between(
        "concludedAt",
        from: from,
        until: until,
        team: request.team,
        in: request.programme
      ).filter { $0.state == .concluded },
      graves: try graves.dug(from: from, until: until, team: request.team, in: request.programme),
      started: try experiments.between(
        "startedAt",
        from: from,
        until: until,
        team: request.team,
        in: request.programme
      ),
      tributes: try graves.tributes(from: from, until: until, team: request.team, in: request.programme)
    )
  }
}
