package import Contracts

/// The life of a test: running → awaitingLesson → concluded, or stopped.
package enum ExperimentRules {
  /// A test as it starts. `StartRules` has let it through; `hash` is of its frozen pre-registration.
  package static func start(
    _ id: ID<Experiment>,
    _ request: StartExperiment,
    hash: String,
    now: Timestamp
  ) -> Experiment {
    Experiment(
      id: id,
      programme: request.programme,
      idea: request.idea,
      opportunity: request.opportunity,
      team: request.team,
      startedBy: request.startedBy,
      title: request.title,
      track: request.track,
      state: .known(.running),
      preRegistration: request.preRegistration,
      preRegistrationHash: hash,
      changeMyMind: request.changeMyMind,
      maximumLoss: request.maximumLoss,
      blastRadiusCustomers: request.blastRadiusCustomers,
      isReversible: request.isReversible,
      reviewOn: request.reviewOn,
      valueCase: request.valueCase,
      scalePath: request.scalePath,
      killCriteria: request.killCriteria ?? [],
      citedGraves: request.citedGraves ?? [],
      startedAt: now,
      plannedEndAt: request.plannedEndAt,
      observedUnits: 0,
      deadEndRisk: []
    )
  }

  /// What observations do to a test that is under way: it waits for its lesson once its look is due or an e-value has
  /// spoken. The verdict is not reckoned here, so that nobody can see it early.
  package static func observed(_ experiment: Experiment, _ evidence: TestEvidence) -> Experiment {
    var experiment = experiment
    experiment.observedUnits = evidence.primary.arrivedControl + evidence.primary.arrivedTreatment
    let verdict = VerdictRules(plan: experiment.preRegistration, evidence: evidence)
    if experiment.state == .running, verdict.isReady { experiment.state = .known(.awaitingLesson) }
    return experiment
  }

  /// The look. It decides once, by the frozen rules.
  /// - Throws: `Fault`: `notRunning`, `lessonMissing`, `tooEarly` (with how many units are still missing, and not a
  ///   word about which arm is ahead).
  package static func conclude(
    _ experiment: Experiment,
    by request: ConcludeExperiment,
    evidence: TestEvidence,
    now: Timestamp
  ) throws(Fault) -> Experiment {
    try requireUnderWay(experiment)
    guard let lesson = request.lesson.nonBlank else {
      throw Fault(
        .invalidArgument,
        reason: "lessonMissing",
        "say what was learned: a test without a lesson isn't over",
        field: "lesson"
      )
    }
    let plan = experiment.preRegistration
    let rules = VerdictRules(plan: plan, evidence: evidence)
    guard rules.isReady || request.endEarly == true else {
      throw Fault(
        .failedPrecondition,
        reason: "tooEarly",
        "\(evidence.primary.control.units) of \(plan.plannedUnitsPerArm) planned units have come into control and "
          + "\(evidence.primary.treatment.units) into treatment. Wait for the rest, or end it early: below 80 % of the "
          + "plan it is inconclusive and earns no credit.",
        field: "endEarly"
      )
    }
    var experiment = experiment
    experiment.observedUnits = evidence.primary.arrivedControl + evidence.primary.arrivedTreatment
    experiment.verdict = rules.verdict(now: now)
    experiment.lesson = lesson
    experiment.concludedAt = now
    experiment.state = .known(.concluded)
    return experiment
  }

  /// Ends a test without a verdict.
  /// - Throws: `Fault` `notRunning` or `reasonMissing`.
  package static func stop(
    _ experiment: Experiment,
    by request: StopExperiment,
    now: Timestamp
  ) throws(Fault) -> Experiment {
    try requireUnderWay(experiment)
    guard request.reason.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "reasonMissing", "say why it is stopped", field: "reason")
    }
    var experiment = experiment
    experiment.state = .known(.stopped)
    experiment.concludedAt = now
    experiment.lesson = request.lesson?.nonBlank
    return experiment
  }

  private static func requireUnderWay(_ experiment: Experiment) throws(Fault) {
    guard isUnderWay(experiment) else {
      throw Fault(
        .failedPrecondition,
        reason: "notRunning",
        "the test is \(experiment.state.rawValue) already",
        field: "id"
      )
    }
  }

  package static func isUnderWay(_ experiment: Experiment) -> Bool {
    [.running, .awaitingLesson].contains(experiment.state.known)
  }
}
