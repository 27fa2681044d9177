package import Contracts

/// The graveyard: every honest attempt has a place in it, and its lesson stays in use.
package enum GraveRules {
  /// The grave that a refuted or harmful test digs by itself when it concludes; nil for other verdicts. Nobody is
  /// named in it, since nobody was asked. It changes no credit: the test has earned that by its verdict.
  package static func dug(
    _ id: ID<Grave>,
    by experiment: Experiment,
    isNewTerritory: Bool,
    now: Timestamp
  ) -> Grave? {
    guard
      let verdict = experiment.verdict, [.refuted, .harmful].contains(verdict.outcome.known),
      let lesson = experiment.lesson
    else { return nil }
    let plan = experiment.preRegistration
    let attempt = FailedAttempt(
      hypothesis: plan.hypothesis,
      hasGoal: true,
      isAsSmallAsPossible: true,
      isNewTerritory: isNewTerritory,
      lesson: lesson
    )
    let percent = Int((verdict.effect * 1000).rounded())
    return Grave(
      id: id,
      programme: experiment.programme,
      name: experiment.title,
      idea: experiment.idea,
      experiment: experiment.id,
      team: experiment.team,
      born: experiment.startedAt,
      died: now,
      hypothesis: plan.hypothesis,
      expected: "'\(plan.metric)' at least \(plan.minimumWorthwhileEffect * 100) percentage points up",
      observed: "'\(plan.metric)' changed by \(Double(percent) / 10) percentage points",
      causeOfDeath: verdict.explanation,
      lesson: lesson,
      contextTags: [plan.metric, plan.unit.rawValue],
      resurrectIf: [],
      failure: .known(attempt.kind),
      tributes: 0,
      reuseCount: 0,
      consentToName: false,
      triedBy: []
    )
  }

  /// A grave that a person digs.
  /// - Throws: `Fault`: `incomplete`, `unknownFailure`, `notIntelligent`.
  package static func dug(
    _ id: ID<Grave>,
    by request: DigGrave,
    experiment: Experiment?,
    idea: Idea?,
    isNewTerritory: Bool,
    now: Timestamp
  ) throws(Fault) -> Grave {
    for (text, field) in [
      (request.name, "name"), (request.expected, "expected"), (request.observed, "observed"),
      (request.causeOfDeath, "causeOfDeath"), (request.lesson, "lesson"),
    ] where text.nonBlank == nil {
      throw Fault(.invalidArgument, reason: "incomplete", "an epitaph needs its \(field)", field: field)
    }
    let hypothesis = request.hypothesis?.nonBlank ?? experiment?.preRegistration.hypothesis
    let attempt = FailedAttempt(
      hypothesis: hypothesis,
      hasGoal: experiment != nil || idea != nil,
      isAsSmallAsPossible: experiment != nil,
      isNewTerritory: isNewTerritory,
      lesson: request.lesson
    )
    let maySayWho = request.consentToName ?? false
    return Grave(
      id: id,
      programme: request.programme,
      name: request.name,
      idea: request.idea ?? experiment?.idea,
      experiment: request.experiment,
      team: request.team ?? experiment?.team ?? idea?.team,
      born: experiment?.startedAt ?? idea?.submittedAt ?? now,
      died: now,
      hypothesis: hypothesis ?? "",
      expected: request.expected,
      observed: request.observed,
      cost: request.cost,
      causeOfDeath: request.causeOfDeath,
      lesson: request.lesson,
      contextTags: request.contextTags ?? [],
      resurrectIf: request.resurrectIf ?? [],
      failure: .known(try attempt.kind(claimed: request.failure)),
      tributes: 0,
      reuseCount: 0,
      consentToName: maySayWho,
      triedBy: maySayWho ? request.triedBy ?? [] : []
    )
  }

  /// A visit. A tribute is counted once a person (`isFirstTribute`); a lesson is reused by citing it when a test
  /// starts, not afterwards.
  /// - Throws: `Fault`: `unknownVisit`, `citeBeforeStart`, `conditionMissing`, `unknownCondition`.
  package static func visit(
    _ grave: Grave,
    by request: VisitGrave,
    isFirstTribute: Bool
  ) throws(Fault) -> Grave {
    var grave = grave
    switch request.visit.known {
    case .tribute: grave.tributes += isFirstTribute ? 1 : 0
    case .lessonReused:
      throw Fault(
        .failedPrecondition,
        reason: "citeBeforeStart",
        "a lesson is reused by naming the grave in citedGraves when a test is started",
        field: "visit"
      )
    case .resurrected:
      try checkCondition(grave, request.changedCondition)
      grave.resurrectedAs = request.experiment ?? grave.resurrectedAs
    case nil:
      throw Fault(
        .invalidArgument,
        reason: "unknownVisit",
        "'\(request.visit.rawValue)' is no visit; use tribute or resurrected",
        field: "visit"
      )
    }
    return grave
  }

  /// One of the conditions on the stone has to have changed; where it names none, the visitor says which did.
  private static func checkCondition(_ grave: Grave, _ changed: String?) throws(Fault) {
    guard let changed = changed?.nonBlank else {
      throw Fault(
        .invalidArgument,
        reason: "conditionMissing",
        "say which condition has changed since it died" + conditions(grave),
        field: "changedCondition"
      )
    }
    let known = grave.resurrectIf.compactMap(Cause.init)
    guard known.isEmpty || Cause(changed).map(known.contains) == true else {
      throw Fault(
        .failedPrecondition,
        reason: "unknownCondition",
        "'\(changed)' is none of the conditions for another try" + conditions(grave),
        field: "changedCondition"
      )
    }
  }

  private static func conditions(_ grave: Grave) -> String {
    grave.resurrectIf.isEmpty ? "" : ": " + grave.resurrectIf.joined(separator: "; ")
  }
}
