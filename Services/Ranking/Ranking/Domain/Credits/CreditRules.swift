package import Contracts

/// What deeds are worth. Outcome-neutral: a refuted test earns what a confirmed one does, and votes earn nothing.
package enum CreditRules {
  package static let concludedTest = 3.0
  package static let implementation = 5.0
  /// The part of `implementation` that is given when it is in place; the rest when somebody else verified it.
  package static let shareOnAcceptance = 0.25
  package static let toOriginatorOnAdoption = 2.0
  package static let toAdopterOnAdoption = 1.0
  package static let lessonReused = 2.0
  package static let suggestionsPerPersonAndWeek = 3
  /// Of a cluster's pool, the part of whoever was first; the rest is shared by independent later submitters.
  package static let shareOfEarliest = 0.6

  /// Everything an idea has earned, as things stand.
  /// - Parameters:
  ///   - cluster: the ideas that were merged into this one, in any order.
  ///   - isWithinWeeklyLimit: it is among the first of its author's creditable suggestions of that week.
  package static func deeds(of idea: IdeaRecord, cluster: [IdeaRecord], isWithinWeeklyLimit: Bool) -> [Deed] {
    let title = "“\(idea.title)”"
    // A merged idea has no pool of its own: its share is in the pool of the one that leads.
    let stands = !idea.isMerged
    let pool = shares(of: idea, cluster)
    let suggestion = stands && idea.isAccepted && isWithinWeeklyLimit ? min(1, max(0, idea.novelty)) : 0
    let inPlace = stands && idea.isAccepted && idea.isImplemented ? implementation * shareOnAcceptance : 0
    let verified = stands && idea.isVerified ? implementation * (1 - shareOnAcceptance) : 0
    let doers = implementers(of: idea, pool)
    return [
      deed(.suggestion, suggestion, pool, idea, note: "Suggestion \(title) was accepted"),
      deed(.implementation, inPlace, doers, idea, note: "\(title) was put in place"),
      deed(.verification, verified, doers, idea, note: "\(title) was verified in use"),
    ]
  }

  /// Whether a suggestion is among the first three of its author's that count that week. Those that were merged,
  /// declined or not yet accepted take no room.
  package static func isWithinWeeklyLimit(_ idea: IdeaRecord, among ofTheWeek: [IdeaRecord]) -> Bool {
    let creditable = ofTheWeek.filter { $0.isAccepted && !$0.isMerged }
      .sorted { ($0.submittedAt, $0.id) < ($1.submittedAt, $1.id) }
    return creditable.prefix(suggestionsPerPersonAndWeek).contains { $0.id == idea.id }
  }

  /// A pre-registered test that was run as planned, whatever came out.
  /// - Parameter wasCareless: its grave calls it a basic or complex failure, which is recorded without credit.
  package static func deed(of experiment: Experiment, wasCareless: Bool) -> Deed {
    let isDue = experiment.verdict?.earnsCredit == true && !wasCareless
    let outcome = experiment.verdict?.outcome.rawValue ?? "none"
    return Deed(
      key: "test/\(experiment.id)",
      reason: .concludedTest,
      shares: isDue
        ? [.init(to: Beneficiary(team: experiment.team, employee: experiment.startedBy), amount: concludedTest)] : [],
      idea: experiment.idea,
      experiment: experiment.id,
      note: "Test “\(experiment.title)” was concluded (\(outcome))"
    )
  }

  /// Another team keeps using an idea: both are credited.
  package static func deeds(of adoption: Adoption, originator: Beneficiary?, title: String) -> [Deed] {
    guard let originator, originator.team != adoption.team else { return [] }
    let isDue = adoption.sustainedAt != nil || adoption.state == .sustained
    let key = "\(adoption.idea)/\(adoption.team)"
    return [
      Deed(
        key: "adopted/\(key)",
        reason: .adoptedByOthers,
        shares: isDue ? [.init(to: originator, amount: toOriginatorOnAdoption)] : [],
        idea: adoption.idea,
        note: "Another team keeps using “\(title)”"
      ),
      Deed(
        key: "adopting/\(key)",
        reason: .adoption,
        shares: isDue ? [.init(to: Beneficiary(team: adoption.team), amount: toAdopterOnAdoption)] : [],
        idea: adoption.idea,
        note: "Keeps using “\(title)” of another team"
      ),
    ]
  }

  /// A lesson was cited before a test started: credit to those who learned it. Citing oneself earns nothing.
  package static func deed(of reuse: LessonReused) -> Deed? {
    guard let team = reuse.team, team != reuse.reusedBy else { return nil }
    return Deed(
      key: "lesson/\(reuse.grave)/\(reuse.experiment)",
      reason: .lessonReused,
      shares: [.init(to: Beneficiary(team: team), amount: lessonReused)],
      experiment: reuse.experiment,
      note: "A lesson was reused by another team"
    )
  }

  private static func deed(
    _ reason: CreditReason,
    _ total: Double,
    _ pool: [(to: Beneficiary, part: Double)],
    _ idea: IdeaRecord,
    note: String
  ) -> Deed {
    Deed(
      key: "\(reason.rawValue)/\(idea.id)",
      reason: reason,
      shares: pool.map { Deed.Share(to: $0.to, amount: total * $0.part) },
      idea: idea.id,
      note: note
    )
  }

  /// Who shares a cluster's pool. A later submitter counts when neither the person nor the team was there before.
  private static func shares(of idea: IdeaRecord, _ cluster: [IdeaRecord]) -> [(to: Beneficiary, part: Double)] {
    let members = ([idea] + cluster.filter { $0.id != idea.id })
      .sorted { ($0.submittedAt, $0.id) < ($1.submittedAt, $1.id) }
    var people: Set<String> = []
    var teams: Set<ID<Team>> = []
    var beneficiaries: [Beneficiary] = []
    for member in members {
      guard let team = member.team, !people.contains(member.person), !teams.contains(team) else { continue }
      people.insert(member.person)
      teams.insert(team)
      beneficiaries.append(Beneficiary(team: team, employee: member.author))
    }
    guard let first = beneficiaries.first else { return [] }
    let later = beneficiaries.dropFirst()
    guard !later.isEmpty else { return [(first, 1)] }
    let each = (1 - shareOfEarliest) / Double(later.count)
    return [(first, shareOfEarliest)] + later.map { ($0, each) }
  }

  /// Those who suggested it share what putting it in place earns, unless another team did that: then it is theirs.
  private static func implementers(
    of idea: IdeaRecord,
    _ pool: [(to: Beneficiary, part: Double)]
  ) -> [(to: Beneficiary, part: Double)] {
    guard let team = idea.implementedBy, !pool.contains(where: { $0.to.team == team }) else { return pool }
    return [(Beneficiary(team: team), 1)]
  }
}
