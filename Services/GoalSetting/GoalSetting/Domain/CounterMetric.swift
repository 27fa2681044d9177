package import Contracts

/// The counter-metrics that can be followed here, out of what LoopClosure and Ranking publish. Any other name may stand
/// on a goal as well; people watch it where it is measured, since scores don't come this way.
package enum CounterMetric: String, Sendable, CaseIterable {
  case casesReopened, firstContactsMissed, resolutionsMissed
  case ideasMerged, ideasDeclined, experimentsStopped, adoptionsAbandoned, pilotsAtRisk
  /// Improvement credits per FTE-month, as Ranking publishes them; the others count what had better not happen.
  case creditRate

  package var isBetterHigh: Bool { self == .creditRate }

  /// Reads a name as people write it: `reopened cases`, `cases-reopened`, `casesReopened`.
  package init?(named name: String) {
    let letters = String(String.UnicodeScalarView(SpelledText(name).scalars))
    let found = Self.allCases.first { metric in
      metric.rawValue.lowercased() == letters || metric.aliases.contains(letters)
    }
    guard let found else { return nil }
    self = found
  }

  private var aliases: [String] {
    switch self {
    case .casesReopened: ["reopenedcases", "reopenings", "reopened"]
    case .firstContactsMissed: ["missedfirstcontacts", "missedfirstcontact", "latefirstcontacts"]
    case .resolutionsMissed: ["missedresolutions", "missedresolve", "lateresolutions"]
    case .ideasMerged: ["duplicateideas", "duplicates", "mergedideas"]
    case .ideasDeclined: ["declinedideas"]
    case .experimentsStopped: ["stoppedtests", "stoppedexperiments", "testsstopped"]
    case .adoptionsAbandoned: ["abandonedadoptions", "abandonments"]
    case .pilotsAtRisk: ["deadendrisk", "deadends"]
    case .creditRate: ["credits", "improvementcredits", "creditsperftemonth"]
    }
  }
}

/// Something happened that a counter-metric counts.
package struct CounterOccurrence: Hashable, Sendable {
  package let metric: CounterMetric
  package let programme: ID<Programme>
  package let team: ID<Team>?

  package init?(of event: CaseAdvanced) {
    switch event.step.known {
    case .reopened: metric = .casesReopened
    case .missedFirstContact: metric = .firstContactsMissed
    case .missedResolve: metric = .resolutionsMissed
    default: return nil
    }
    programme = event.programme
    team = event.case.team
  }

  package init?(of event: IdeaMerged) {
    guard !event.isUndone else { return nil }
    metric = .ideasMerged
    programme = event.programme
    team = event.idea.team
  }

  package init?(of event: IdeaAdvanced) {
    guard event.idea.state == .declined else { return nil }
    metric = .ideasDeclined
    programme = event.programme
    team = event.idea.team
  }

  package init(of event: ExperimentStopped) {
    metric = .experimentsStopped
    programme = event.programme
    team = event.experiment.team
  }

  package init?(of event: AdoptionChanged) {
    guard event.adoption.state == .abandoned else { return nil }
    metric = .adoptionsAbandoned
    programme = event.programme
    team = event.adoption.team
  }

  package init?(of event: DeadEndFlagged) {
    guard !event.experiment.deadEndRisk.isEmpty else { return nil }
    metric = .pilotsAtRisk
    programme = event.programme
    team = event.experiment.team
  }
}
