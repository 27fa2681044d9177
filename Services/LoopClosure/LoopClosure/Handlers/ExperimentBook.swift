package import Contracts
import Crypto
package import GRDB
package import Storage

/// Tests as the service keeps them: starts them, counts what is observed, and decides them.
package struct ExperimentBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint
  let ideas: IdeaBook
  let graves: GraveBook
  let notices = NoticeBook()

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
    ideas = IdeaBook(policy: policy, mint: mint)
    graves = GraveBook(policy: policy, mint: mint)
  }

  // MARK: Starting

  package func start(_ request: StartExperiment, actor: Principal, _ transaction: Transaction) throws -> Experiment {
    let database = transaction.database
    let directory = DirectoryRows(database: database)
    let programme = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    try directory.require(request.startedBy, in: request.programme, field: "startedBy")
    for team in request.scalePath?.eligibleTeams ?? [] {
      try directory.require(team, in: request.programme, field: "scalePath.eligibleTeams")
    }
    if let idea = request.idea { _ = try IdeaRows(database: database).require(idea, in: programme.id, field: "idea") }
    let month = try directory.calendar(of: programme.id).localMonth(of: transaction.now)
    let rules = StartRules(
      licence: programme.licence ?? policy.licence,
      startedThisMonth: try ExperimentRows(database: database)
        .startedUnderLicence(by: request.team, month: month, in: programme.id),
      teams: try directory.teamCount(in: programme.id),
      knownEvidence: try knownEvidence(request.valueCase?.problemEvidence ?? [], in: programme.id, database)
    )
    try rules.validate(request, now: transaction.now)
    let hash = SHA256.hash(data: try CanonicalJSON.bytes(of: request.preRegistration))
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let experiment = ExperimentRules.start(
      mint.next("experiment", at: transaction.now),
      request,
      hash: hash,
      now: transaction.now
    )
    try ExperimentRows(database: database).save(
      experiment,
      month: month,
      reviewAt: experiment.reviewOn,
      tickAt: DeadEndSigns(policy: policy).nextLook(experiment, now: transaction.now)
    )
    // A lesson counts as reused when it is cited before the test starts, so it comes first in the journal.
    try graves.cite(experiment.citedGraves, by: experiment, actor: actor, transaction)
    try transaction.append(ExperimentStarted(experiment: experiment))
    if let idea = experiment.idea {
      try ideas.testStarted(of: idea, in: programme.id, actor: actor, transaction)
    }
    return experiment
  }

  private func knownEvidence(
    _ ids: [String],
    in programme: ID<Programme>,
    _ database: Database
  ) throws -> Set<String> {
    let feedback = FeedbackRows(database: database)
    let directory = DirectoryRows(database: database)
    return Set(
      try ids.prefix(500).filter {
        try feedback.exists($0, in: programme) || directory.isOpportunityKnown($0, in: programme)
      }
    )
  }

  // MARK: Observing

  /// Counts an observation. What comes after the end is passed over.
  /// - Throws: `Fault` `unknownExperiment`, `unknownMetric` or `unknownArm`: it is then set aside.
  package func observe(_ observation: Observation, _ transaction: Transaction) throws {
    let database = transaction.database
    let rows = ExperimentRows(database: database)
    let experiment = try rows.require(observation.experiment, in: observation.programme, field: "experiment")
    guard ExperimentRules.isUnderWay(experiment) else { return }
    let plan = experiment.preRegistration
    guard observation.metric == plan.metric || plan.guardrails.contains(where: { $0.metric == observation.metric })
    else {
      throw Fault(
        .failedPrecondition,
        reason: "unknownMetric",
        "'\(observation.metric)' is neither the metric of test \(experiment.id) nor one of its guardrails",
        field: "metric"
      )
    }
    guard let arm = observation.arm.known else {
      throw Fault(.invalidArgument, reason: "unknownArm", "'\(observation.arm.rawValue)' is no arm", field: "arm")
    }
    let observations = ObservationRows(database: database)
    guard try observations.add(observation, arm: arm, plan: plan) else { return }
    let observed = ExperimentRules.observed(experiment, try observations.evidence(for: experiment))
    guard observed != experiment else { return }
    try rows.saveProgress(observed)
    guard observed.state != experiment.state, let starter = observed.startedBy else { return }
    try notices.tell(
      [starter.rawValue],
      about: observed.id.rawValue,
      "'\(observed.title)' is ready for its look: conclude it with its lesson.",
      actor: NoticeBook.clockwork,
      in: observed.programme,
      transaction
    )
  }

  // MARK: Ending

  package func conclude(
    _ request: ConcludeExperiment,
    actor: Principal,
    _ transaction: Transaction
  ) throws -> Experiment {
    let database = transaction.database
    _ = try DirectoryRows(database: database).require(request.programme)
    let rows = ExperimentRows(database: database)
    let experiment = try rows.require(request.id, in: request.programme)
    let evidence = try ObservationRows(database: database).evidence(for: experiment)
    var concluded = try ExperimentRules.conclude(experiment, by: request, evidence: evidence, now: transaction.now)
    concluded.deadEndRisk = try risks(concluded, transaction)
    try rows.saveTimers(
      concluded,
      reviewAt: nil,
      tickAt: DeadEndSigns(policy: policy).nextLook(concluded, now: transaction.now)
    )
    try transaction.append(ExperimentConcluded(experiment: concluded))
    try graves.bury(concluded, transaction)
    try tellOfEnd(concluded, "was \(concluded.verdict?.outcome.rawValue ?? "concluded")", actor, transaction)
    return concluded
  }

  package func stop(_ request: StopExperiment, actor: Principal, _ transaction: Transaction) throws -> Experiment {
    _ = try DirectoryRows(database: transaction.database).require(request.programme)
    let rows = ExperimentRows(database: transaction.database)
    var stopped = try ExperimentRules.stop(
      rows.require(request.id, in: request.programme),
      by: request,
      now: transaction.now
    )
    stopped.deadEndRisk = try risks(stopped, transaction)
    try rows.saveTimers(stopped, reviewAt: nil, tickAt: nil)
    try transaction.append(ExperimentStopped(experiment: stopped, reason: request.reason))
    try tellOfEnd(stopped, "was stopped: \(request.reason)", actor, transaction)
    return stopped
  }

  private func tellOfEnd(
    _ experiment: Experiment,
    _ what: String,
    _ actor: Principal,
    _ transaction: Transaction
  ) throws {
    let idea = try experiment.idea.flatMap {
      try IdeaRows(database: transaction.database).idea($0, in: experiment.programme)
    }
    let recipients = (experiment.startedBy.map { [$0.rawValue] } ?? []) + (idea?.supporters ?? [])
    try notices.tell(
      recipients,
      about: experiment.id.rawValue,
      "'\(experiment.title)' \(what).",
      actor: actor,
      in: experiment.programme,
      transaction
    )
  }

  // MARK: Time

  /// Tells who started a test that its review is due, and looks for signs of dead ends.
  package func tick(_ transaction: Transaction, at now: Timestamp) throws {
    let rows = ExperimentRows(database: transaction.database)
    for experiment in try rows.dueForReview(at: now, limit: 500) {
      try rows.saveTimers(
        experiment,
        reviewAt: nil,
        tickAt: DeadEndSigns(policy: policy).nextLook(experiment, now: now)
      )
      try notices.tell(
        experiment.startedBy.map { [$0.rawValue] } ?? [],
        about: experiment.id.rawValue,
        "The review of '\(experiment.title)' is due.",
        actor: NoticeBook.clockwork,
        in: experiment.programme,
        transaction
      )
    }
    for experiment in try rows.ticking(at: now, limit: 500) {
      var looked = experiment
      looked.deadEndRisk = try risks(experiment, transaction)
      try rows.saveTimers(
        looked,
        reviewAt: rows.reviewAt(experiment),
        tickAt: nextLook(looked, now: now, transaction)
      )
      if looked.deadEndRisk != experiment.deadEndRisk { try transaction.append(DeadEndFlagged(experiment: looked)) }
    }
  }

  private func nextLook(_ experiment: Experiment, now: Timestamp, _ transaction: Transaction) throws -> Timestamp? {
    if let next = DeadEndSigns(policy: policy).nextLook(experiment, now: now) { return next }
    // A safe harbour outlasts the plan: the overrun shows when it closes.
    let harbour = try ExperimentRows(database: transaction.database)
      .safeHarbourUntil(experiment.id, in: experiment.programme)
    guard let harbour, harbour >= now, ExperimentRules.isUnderWay(experiment) else { return nil }
    return harbour + .milliseconds(1)
  }

  private func risks(_ experiment: Experiment, _ transaction: Transaction) throws -> [Open<DeadEndRisk>] {
    let eligible = Set(experiment.scalePath?.eligibleTeams ?? [])
    let using = try experiment.idea.map { idea in
      try AdoptionRows(database: transaction.database).rows(of: idea, in: experiment.programme)
        .filter { [.inUse, .sustained].contains($0.state.known) && eligible.contains($0.team) }.count
    }
    let surroundings = DeadEndSigns.Surroundings(
      safeHarbourUntil: try ExperimentRows(database: transaction.database)
        .safeHarbourUntil(experiment.id, in: experiment.programme),
      teamsUsing: using ?? 0
    )
    return DeadEndSigns(policy: policy).risks(experiment, surroundings, now: transaction.now).map(Open.known)
  }

  // MARK: Queries

  package func experiments(_ request: ExperimentsRequest, _ database: Database) throws -> ExperimentList {
    _ = try DirectoryRows(database: database).require(request.programme)
    return try ExperimentRows(database: database).list(request, limit: ListLength.of(request.limit))
  }

  package func licence(_ request: LicenceRequest, at now: Timestamp, _ database: Database) throws -> LicenceReport {
    let directory = DirectoryRows(database: database)
    let programme = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let month = try directory.calendar(of: programme.id).localMonth(of: now)
    let licence = programme.licence ?? policy.licence
    let rows = ExperimentRows(database: database)
    let started = try rows.startedUnderLicence(by: request.team, month: month, in: programme.id)
    let since = now - OuterLoopBook.reportWindow
    return LicenceReport(
      team: request.team,
      licence: licence,
      month: month,
      started: started,
      left: max(0, licence.testsPerTeamAndMonth - started),
      shareUnderLicence: try rows.shareUnderLicence(in: programme.id, since: since),
      medianHoursToFirstTest: ClosureRules.median(try rows.hoursToFirstTest(in: programme.id, since: since))
    )
  }
}
