package import Contracts
import Foundation

/// Who may start what: a small test at once, anything larger through the dead-end gate.
package struct StartRules: Sendable {
  package let licence: LicenceToTry
  /// Tests that the team has started under the licence this month.
  package let startedThisMonth: Int
  /// Teams of the programme.
  package let teams: Int
  /// Which of the value case's evidence ids are known.
  package let knownEvidence: Set<String>

  package init(licence: LicenceToTry, startedThisMonth: Int, teams: Int, knownEvidence: Set<String>) {
    self.licence = licence
    self.startedThisMonth = startedThisMonth
    self.teams = teams
    self.knownEvidence = knownEvidence
  }

  /// A review under the licence is never later than this, whatever the programme's own limits say.
  private static let latestReviewDays = 14

  /// - Throws: `Fault`: those of `PreRegistrationRules`, `incomplete`, `unknownTrack`, `reviewInThePast`,
  ///   `outsideLicence`, `licenceUsedUp`, `deadEnd`.
  package func validate(_ request: StartExperiment, now: Timestamp) throws(Fault) {
    guard request.title.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "incomplete", "give the test a title", field: "title")
    }
    guard request.changeMyMind.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "incomplete", "say what would change your mind", field: "changeMyMind")
    }
    guard request.blastRadiusCustomers >= 0, request.maximumLoss.amount >= 0 else {
      throw Fault(
        .invalidArgument,
        reason: "incomplete",
        "neither loss nor customers touched can be negative",
        field: request.maximumLoss.amount < 0 ? "maximumLoss" : "blastRadiusCustomers"
      )
    }
    try PreRegistrationRules(teams: teams).validate(request.preRegistration)
    guard request.reviewOn > now else {
      throw Fault(.invalidArgument, reason: "reviewInThePast", "set the review to a day to come", field: "reviewOn")
    }
    switch request.track.known {
    case .licence: try withinLicence(request, now: now)
    case .pilot: try throughGate(request, now: now)
    case nil:
      throw Fault(
        .invalidArgument,
        reason: "unknownTrack",
        "'\(request.track.rawValue)' is no track; use licence or pilot",
        field: "track"
      )
    }
  }

  private func withinLicence(_ request: StartExperiment, now: Timestamp) throws(Fault) {
    var outside: [(field: String, what: String)] = []
    if request.maximumLoss.currency != licence.maximumLoss.currency {
      outside.append(("maximumLoss", "the licence is in \(licence.maximumLoss.currency)"))
    } else if request.maximumLoss.amount > licence.maximumLoss.amount {
      outside.append(
        ("maximumLoss", "it may lose at most \(licence.maximumLoss.amount) \(licence.maximumLoss.currency)")
      )
    }
    if request.blastRadiusCustomers > licence.blastRadiusCustomers {
      outside.append(("blastRadiusCustomers", "it may touch at most \(licence.blastRadiusCustomers) customers"))
    }
    if !request.isReversible { outside.append(("isReversible", "it has to be reversible")) }
    let days = min(licence.reviewWithinDays, StartRules.latestReviewDays)
    if request.reviewOn > now + .days(days) {
      outside.append(("reviewOn", "it has to be reviewed within \(days) days"))
    }
    guard outside.isEmpty else {
      throw Fault(
        .failedPrecondition,
        reason: "outsideLicence",
        "outside the licence to try: " + outside.map(\.what).joined(separator: "; ")
          + ". Make it smaller, or start it as a pilot.",
        field: outside.first?.field
      )
    }
    guard startedThisMonth < licence.testsPerTeamAndMonth else {
      throw Fault(
        .resourceExhausted,
        reason: "licenceUsedUp",
        "the team has started all \(licence.testsPerTeamAndMonth) tests of this month's licence; it renews next month, "
          + "or start it as a pilot",
        field: "track"
      )
    }
  }

  /// The dead-end gate: every missing piece is named at once.
  private func throughGate(_ request: StartExperiment, now: Timestamp) throws(Fault) {
    var missing: [String] = []
    if let value = request.valueCase {
      if value.beneficiary.nonBlank == nil { missing.append("valueCase.beneficiary") }
      if value.problemEvidence.isEmpty {
        missing.append("valueCase.problemEvidence")
      } else if knownEvidence.isDisjoint(with: value.problemEvidence) {
        missing.append("valueCase.problemEvidence (none of these ids is feedback or an opportunity of the programme)")
      }
      if value.outcomeMetric.nonBlank == nil { missing.append("valueCase.outcomeMetric") }
      if value.minimumWorthwhileEffect <= 0 { missing.append("valueCase.minimumWorthwhileEffect") }
      if value.cost.amount < 0 { missing.append("valueCase.cost") }
    } else {
      missing.append("valueCase")
    }
    if let path = request.scalePath {
      if path.eligibleTeams.isEmpty { missing.append("scalePath.eligibleTeams") }
      if path.unitCostAtScale.amount < 0 { missing.append("scalePath.unitCostAtScale") }
      if path.owner.nonBlank == nil { missing.append("scalePath.owner") }
    } else {
      missing.append("scalePath")
    }
    if (request.killCriteria ?? []).allSatisfy({ $0.nonBlank == nil }) { missing.append("killCriteria") }
    if request.maximumLoss.amount == 0 { missing.append("maximumLoss") }
    if request.blastRadiusCustomers == 0 { missing.append("blastRadiusCustomers") }
    if let end = request.plannedEndAt, end <= now { missing.append("plannedEndAt (in the past)") }
    guard missing.isEmpty else {
      throw Fault(
        .failedPrecondition,
        reason: "deadEnd",
        "a pilot doesn't start without knowing how it adds value and how it scales; missing: "
          + missing.joined(separator: ", "),
        field: missing.first?.split(separator: " ").first.map(String.init)
      )
    }
  }
}
