import Contracts
import GRDB

/// What was observed in a test: every unit once for each metric, in the order of arrival.
struct ObservationRows {
  let database: Database

  /// Counts an observation.
  /// - Returns: whether it was new; a unit that was observed before counts no more, in whichever arm.
  func add(_ observation: Observation, arm: Arm, plan: PreRegistration) throws -> Bool {
    var evidence = try evidence(of: observation.metric, observation.experiment, plan, in: observation.programme)
    let number = (arm == .control ? evidence.arrivedControl : evidence.arrivedTreatment) + 1
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO observation (programme, experiment, metric, unit, arm, number, happened)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        observation.programme.rawValue, observation.experiment.rawValue, observation.metric, observation.unit,
        arm.rawValue, number, observation.happened,
      ]
    )
    guard database.changesCount > 0 else { return false }
    evidence.count(observation.happened, in: arm, upTo: plan.plannedUnitsPerArm)
    if plan.unit == .teamWeek {
      evidence.count(observation.happened, of: TeamTally.team(ofUnit: observation.unit), in: arm)
    } else if let partner = try outcome(number, in: arm == .control ? .treatment : .control, like: observation) {
      // The n-th of one arm and the n-th of the other make a pair, complete when the later of them arrives.
      let (control, treatment) =
        arm == .control ? (observation.happened, partner) : (partner, observation.happened)
      evidence.eValue.observe(control: control, treatment: treatment)
    }
    try save(evidence, of: observation)
    return true
  }

  /// Everything that a verdict may look at.
  func evidence(for experiment: Experiment) throws -> TestEvidence {
    let plan = experiment.preRegistration
    var guardrails: [String: MetricEvidence] = [:]
    for guardrail in plan.guardrails {
      guardrails[guardrail.metric] = try evidence(
        of: guardrail.metric,
        experiment.id,
        plan,
        in: experiment.programme
      )
    }
    let primary = try evidence(of: plan.metric, experiment.id, plan, in: experiment.programme)
    return TestEvidence(primary: primary, guardrails: guardrails)
  }

  private func evidence(
    of metric: String,
    _ experiment: ID<Experiment>,
    _ plan: PreRegistration,
    in programme: ID<Programme>
  ) throws -> MetricEvidence {
    // A guardrail is broken by harm beyond its limit, the primary metric is moved by anything above nothing.
    let margin = plan.guardrails.first { $0.metric == metric }?.maximumHarm ?? 0
    return try database.value(
      MetricEvidence.self,
      sql: "SELECT body FROM metricEvidence WHERE programme = ? AND experiment = ? AND metric = ?",
      [programme.rawValue, experiment.rawValue, metric]
    ) ?? .nothing(margin: margin)
  }

  private func save(_ evidence: MetricEvidence, of observation: Observation) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO metricEvidence (programme, experiment, metric, body) VALUES (?, ?, ?, ?)",
      arguments: [
        observation.programme.rawValue, observation.experiment.rawValue, observation.metric, try evidence.stored(),
      ]
    )
  }

  private func outcome(_ number: Int, in arm: Arm, like observation: Observation) throws -> Bool? {
    try Bool.fetchOne(
      database,
      sql: """
        SELECT happened FROM observation
        WHERE programme = ? AND experiment = ? AND metric = ? AND arm = ? AND number = ?
        """,
      arguments: [
        observation.programme.rawValue, observation.experiment.rawValue, observation.metric, arm.rawValue, number,
      ]
    )
  }
}
