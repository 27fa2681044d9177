package import Contracts
package import GRDB
package import Storage

/// Ideas as the service keeps them: takes them in beside what is like them, joins and parts them, moves them on.
package struct IdeaBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint
  let notices = NoticeBook()
  /// How many graves and similar ideas are shown to whoever submits one.
  private static let mostShown = 3

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
  }

  // MARK: Taking in

  package func submit(_ request: SubmitIdea, actor: Principal, _ transaction: Transaction) throws -> SubmittedIdea {
    let database = transaction.database
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    try directory.require(request.author, in: request.programme, field: "author")
    let intake = IdeaIntake(policy: policy)
    try intake.validate(request)
    let text = "\(request.title) \(request.text)"
    let fingerprint = TextFingerprint(text)
    let similar = intake.nearest(try similarIdeas(to: fingerprint, in: request.programme, database))
    let graves = try GraveSearch(policy: policy, database: database)
      .nearest(to: fingerprint, in: request.programme, limit: Self.mostShown)
    let placing = intake.place(similar)
    let moment = try submissionTime(placing.placing, in: request.programme, transaction)
    let idea = idea(request, placing.novelty, placing.nearest, placing.placing, graves.map(\.id), actor, at: moment)
    let rows = IdeaRows(database: database)
    let member = IdeaCluster.Member(idea: idea, ownSupporters: idea.supporters)
    try rows.save(member, tickAt: nil)
    for supporter in idea.supporters { try rows.addSupporter(supporter, to: idea.id, in: idea.programme) }
    try SearchRows(database: database).index(text, as: idea.id.rawValue, .idea, in: idea.programme)
    try transaction.append(IdeaSubmitted(idea: idea))
    var taken = idea
    if case .duplicate(let original) = placing.placing {
      taken = try join(member, toClusterOf: original, actor: NoticeBook.clockwork, transaction)
    }
    let shown = similar.prefix(Self.mostShown).filter { $0.similarity > 0 }
    return SubmittedIdea(
      idea: taken,
      graves: graves,
      similar: shown.map { SimilarIdea(idea: $0.id, title: $0.title, similarity: $0.similarity) }
    )
  }

  /// When an idea counts as submitted: after the one whose cluster it joins, also where the clock was ahead when that
  /// one came and has been put right since.
  private func submissionTime(
    _ placing: IdeaIntake.Placing,
    in programme: ID<Programme>,
    _ transaction: Transaction
  ) throws -> Timestamp {
    guard case .duplicate(let original) = placing else { return transaction.now }
    let rows = IdeaRows(database: transaction.database)
    let leader = try rows.require(rows.require(original, in: programme).canonical, in: programme)
    return max(transaction.now, leader.submittedAt + .milliseconds(1))
  }

  private func idea(
    _ request: SubmitIdea,
    _ novelty: Double,
    _ nearest: ID<Idea>?,
    _ placing: IdeaIntake.Placing,
    _ graves: [ID<Grave>],
    _ actor: Principal,
    at moment: Timestamp
  ) -> Idea {
    let id: ID<Idea> = mint.next("idea", at: moment)
    let author = request.author ?? actor.employee
    var needsDecision = false
    if case .similar = placing { needsDecision = true }
    return Idea(
      id: id,
      programme: request.programme,
      team: request.team ?? actor.team,
      author: author,
      authorName: actor.name,
      title: request.title,
      text: request.text,
      opportunity: request.opportunity,
      evidence: request.evidence ?? [],
      state: .known(.submitted),
      novelty: novelty,
      nearest: nearest,
      canonical: id,
      needsMergeDecision: needsDecision,
      supporters: [author?.rawValue ?? actor.name],
      submittedAt: moment,
      coreComponents: request.coreComponents ?? [],
      nearGraves: graves
    )
  }

  private func similarIdeas(
    to fingerprint: TextFingerprint,
    in programme: ID<Programme>,
    _ database: Database
  ) throws -> [IdeaIntake.Candidate<Idea>] {
    let rows = IdeaRows(database: database)
    return try SearchRows(database: database).candidates(for: fingerprint, .idea, in: programme).compactMap { id in
      guard let idea = try rows.idea(ID(id), in: programme) else { return nil }
      let similarity = fingerprint.similarity(to: TextFingerprint("\(idea.title) \(idea.text)"))
      return IdeaIntake.Candidate(id: idea.id, title: idea.title, similarity: similarity)
    }
  }

  // MARK: Joining and parting

  package func merge(_ request: MergeIdeas, actor: Principal, _ transaction: Transaction) throws -> Idea {
    _ = try DirectoryRows(database: transaction.database).require(request.programme)
    let member = try IdeaRows(database: transaction.database).requireMember(request.id, in: request.programme)
    if let into = request.into { return try join(member, toClusterOf: into, actor: actor, transaction) }
    return try part(member, actor: actor, transaction)
  }

  private func join(
    _ member: IdeaCluster.Member,
    toClusterOf other: ID<Idea>,
    actor: Principal,
    _ transaction: Transaction
  ) throws -> Idea {
    let rows = IdeaRows(database: transaction.database)
    let programme = member.idea.programme
    let canonical = try rows.require(other, in: programme, field: "into").canonical
    let joined = try IdeaCluster.join(member, to: rows.requireMember(canonical, in: programme, field: "into"))
    try rows.save(joined, tickAt: nil)
    let leader = try regroup(canonical, in: programme, transaction)
    let idea = try rows.require(joined.idea.id, in: programme)
    try transaction.append(IdeaMerged(idea: idea, canonical: leader, isUndone: false, by: actor.name))
    try notices.tell(
      joined.ownSupporters,
      about: idea.id.rawValue,
      "'\(idea.title)' was joined to '\(leader.title)'.",
      actor: actor,
      in: programme,
      transaction
    )
    return idea
  }

  /// Undoes a merge; or, where an idea only waits for somebody to say whether it is the same, says that it isn't.
  private func part(_ member: IdeaCluster.Member, actor: Principal, _ transaction: Transaction) throws -> Idea {
    let rows = IdeaRows(database: transaction.database)
    let programme = member.idea.programme
    if member.mergedInto == nil, member.idea.needsMergeDecision {
      var single = member
      single.idea.needsMergeDecision = false
      try rows.save(single, tickAt: nil)
      try transaction.append(
        IdeaMerged(idea: single.idea, canonical: single.idea, isUndone: true, by: actor.name)
      )
      return single.idea
    }
    let free = try IdeaCluster.leave(member)
    try rows.save(free, tickAt: nil)
    let idea = try regroup(free.idea.id, in: programme, transaction)
    let left = try regroup(member.idea.canonical, in: programme, transaction)
    try transaction.append(IdeaMerged(idea: idea, canonical: left, isUndone: true, by: actor.name))
    return idea
  }

  /// Reckons a cluster again: everyone behind it once, and every member's way to its leader.
  private func regroup(_ id: ID<Idea>, in programme: ID<Programme>, _ transaction: Transaction) throws -> Idea {
    let rows = IdeaRows(database: transaction.database)
    let members = try rows.subtree(of: id, in: programme)
    let supporters = IdeaCluster.supporters(of: members)
    for var member in members {
      member.idea.canonical = id
      member.idea.supporters = member.idea.id == id ? supporters : member.ownSupporters
      try rows.save(member, tickAt: IdeaRules(policy: policy).verificationDue(member.idea))
    }
    return try rows.require(id, in: programme)
  }

  package func support(_ request: SupportIdea, _ transaction: Transaction) throws -> Idea {
    _ = try DirectoryRows(database: transaction.database).require(request.programme)
    guard let supporter = request.supporter.nonBlank else {
      throw Fault(.invalidArgument, reason: "supporterMissing", "say who supports it", field: "supporter")
    }
    let rows = IdeaRows(database: transaction.database)
    let idea = try rows.require(request.id, in: request.programme)
    try rows.addSupporter(supporter, to: idea.id, in: request.programme)
    return try regroup(idea.canonical, in: request.programme, transaction)
  }

  // MARK: Moving on

  package func advance(_ request: AdvanceIdea, actor: Principal, _ transaction: Transaction) throws -> Idea {
    let database = transaction.database
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let idea = try IdeaRows(database: database).require(request.id, in: request.programme)
    let users = try AdoptionRows(database: database).rows(of: idea.id, in: idea.programme)
      .filter { [.inUse, .sustained].contains($0.state.known) && $0.team != idea.implementedBy }
    let circumstances = IdeaRules.Circumstances(
      actor: actor,
      now: transaction.now,
      otherTeamsUsing: users.count,
      isEvidenceKnown: try isKnown(evidence: request.evidence, in: request.programme, database)
    )
    let moved = try IdeaRules(policy: policy).advance(idea, by: request, in: circumstances)
    try save(moved, from: idea.state, actor: actor, transaction)
    if moved.state == .implemented, let team = moved.implementedBy {
      let rules = AdoptionRules(policy: policy)
      let row = rules.firstUse(of: moved, team: team, now: transaction.now)
      try AdoptionRows(database: database).save(row, tickAt: rules.sustainedFrom(row))
      try transaction.append(AdoptionChanged(adoption: row, by: actor.name))
    }
    return moved
  }

  /// An accepted idea is being tested as soon as a test of it has started.
  func testStarted(of id: ID<Idea>, in programme: ID<Programme>, actor: Principal, _ transaction: Transaction) throws {
    var idea = try IdeaRows(database: transaction.database).require(id, in: programme, field: "idea")
    guard idea.state == .accepted else { return }
    idea.state = .known(.testing)
    try save(idea, from: .known(.accepted), actor: actor, transaction)
  }

  private func save(
    _ idea: Idea,
    from state: Open<IdeaState>,
    actor: Principal,
    _ transaction: Transaction
  ) throws {
    let rows = IdeaRows(database: transaction.database)
    var member = try rows.member(idea)
    member.idea = idea
    try rows.save(member, tickAt: IdeaRules(policy: policy).verificationDue(idea))
    try transaction.append(IdeaAdvanced(idea: idea, from: state, by: actor.name))
    try notices.tell(
      idea.supporters,
      about: idea.id.rawValue,
      "'\(idea.title)' is now \(idea.state.rawValue)" + (idea.declinedReason.map { ": \($0)" } ?? "."),
      actor: actor,
      in: idea.programme,
      transaction
    )
  }

  /// Whether an id is of feedback, or of a test that has been concluded: something that happened.
  private func isKnown(evidence: String?, in programme: ID<Programme>, _ database: Database) throws -> Bool {
    guard let evidence = evidence?.nonBlank else { return false }
    if try FeedbackRows(database: database).exists(evidence, in: programme) { return true }
    return try ExperimentRows(database: database).experiment(ID(evidence), in: programme)?.state.known == .concluded
  }

  /// Tells those behind an implemented idea, once, that it waits for its verification.
  package func tick(_ transaction: Transaction, at now: Timestamp) throws {
    let rows = IdeaRows(database: transaction.database)
    for idea in try rows.ticking(at: now, limit: 500) {
      try rows.save(rows.member(idea), tickAt: nil)
      guard idea.state == .implemented else { continue }
      try notices.tell(
        idea.supporters,
        about: idea.id.rawValue,
        "'\(idea.title)' can be verified: by somebody of another team, or by the event that proves it.",
        actor: NoticeBook.clockwork,
        in: idea.programme,
        transaction
      )
    }
  }

  package func ideas(_ request: IdeasRequest, _ database: Database) throws -> IdeaList {
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    let opportunities = try request.opportunity.map { try directory.cluster(of: $0, in: request.programme) }
    return try IdeaRows(database: database)
      .list(request, opportunities: opportunities, limit: ListLength.of(request.limit))
  }
}
