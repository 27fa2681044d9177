package import Contracts
import Foundation

/// The thresholds of the loops. The defaults are those of the product's definition; a deployment may set others.
package struct LoopPolicy: Hashable, Sendable {
  // The inner loop.
  /// Business time until the customer has to be contacted.
  package var firstContactDue = Duration.hours(24)
  /// Business time until the case has to be resolved.
  package var resolveDue = Duration.hours(48)
  /// Business time before something is due at which its assignee is reminded.
  package var reminderLead = Duration.hours(4)
  /// Complaints and reasons to leave at least this urgent open a case by themselves, 0 to 1.
  package var caseUrgency = 0.6
  /// Feedback older than this opens no case by itself: nobody waits for a call about it any more.
  package var caseFreshness = Duration.days(14)
  /// How much a low score moves a case up the list, 0 to 1. Never published: see `CasePriority`.
  package var lowScoreBoost = 0.2
  /// Scores in this lowest part of their scale are low, 0 to 1.
  package var lowScoreShare = 0.3

  // The outer loop.
  package var sameCauseCustomers = 3
  package var sameCauseTeams = 2
  package var sameCauseWindow = Duration.days(14)
  package var unusualVolumeProbability = 0.01
  /// Fewer than this in a week are never unusual.
  package var unusualVolumeMinimum = 3
  package var reopenedEscalation = 2
  package var decisionBusinessDays = 10

  // Ideas, tests and their spread.
  /// At least this similar is the same idea, 0 to 1.
  package var duplicateSimilarity = 0.85
  /// From here on a person decides whether it is the same, 0 to 1.
  package var similarSimilarity = 0.6
  /// Graves less similar than this are not worth showing, 0 to 1.
  package var graveSimilarity = 0.15
  package var verificationAfter = Duration.days(30)
  package var sustainedAfter = Duration.days(90)
  package var overrunShare = 1.25
  package var lowAdoptionShare = 0.5
  /// A pilot without any observation for this share of its planned time has nothing to evaluate.
  package var nothingEvaluableShare = 0.5

  /// What a programme may try that has no licence of its own.
  package var licence = LicenceToTry(
    maximumLoss: Money(amount: 500, currency: "EUR"),
    blastRadiusCustomers: 100,
    reviewWithinDays: 14,
    testsPerTeamAndMonth: 4
  )

  package init() {}
}
