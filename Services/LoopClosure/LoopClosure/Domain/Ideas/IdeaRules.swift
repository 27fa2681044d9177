package import Contracts

/// submitted → accepted | declined → testing | implemented → verified → scaled.
package struct IdeaRules: Sendable {
  package let policy: LoopPolicy

  package init(policy: LoopPolicy) {
    self.policy = policy
  }

  /// Who moves an idea on, and what is known that it depends on.
  package struct Circumstances: Sendable {
    package var actor: Principal
    package var now: Timestamp
    /// Teams other than the implementing one that have it in use.
    package var otherTeamsUsing: Int
    /// Whether the request's evidence is the id of something that happened in this programme.
    package var isEvidenceKnown: Bool

    package init(actor: Principal, now: Timestamp, otherTeamsUsing: Int, isEvidenceKnown: Bool) {
      self.actor = actor
      self.now = now
      self.otherTeamsUsing = otherTeamsUsing
      self.isEvidenceKnown = isEvidenceKnown
    }
  }

  private static let origins: [IdeaState: Set<IdeaState>] = [
    .accepted: [.submitted, .declined],
    .declined: [.submitted, .accepted, .testing],
    .testing: [.accepted],
    .implemented: [.accepted, .testing],
    .verified: [.implemented],
    .scaled: [.verified],
  ]

  /// Moves an idea on.
  /// - Throws: `Fault`: `unknownState`, `wrongState`, `reasonMissing`, `teamMissing`, `tooEarly`, `ownVerification`,
  ///   `unknownEvidence`, `notInUse`.
  package func advance(_ idea: Idea, by request: AdvanceIdea, in circumstances: Circumstances) throws(Fault) -> Idea {
    guard let target = request.to.known, let origins = IdeaRules.origins[target] else {
      throw Fault(
        .invalidArgument,
        reason: "unknownState",
        "an idea can't be moved to '\(request.to.rawValue)'; use one of "
          + IdeaRules.origins.keys.map(\.rawValue).sorted().joined(separator: ", "),
        field: "to"
      )
    }
    guard let state = idea.state.known, origins.contains(state) else {
      throw Fault(
        .failedPrecondition,
        reason: "wrongState",
        "an idea that is \(idea.state.rawValue) can't become \(target.rawValue); it has to be "
          + origins.map(\.rawValue).sorted().joined(separator: " or "),
        field: "to"
      )
    }
    var idea = idea
    switch target {
    case .accepted:
      idea.acceptedAt = circumstances.now
      idea.declinedReason = nil
      // Accepting it is the decision that it is an idea of its own.
      idea.needsMergeDecision = false
    case .declined:
      guard let reason = request.reason?.nonBlank else {
        throw Fault(.invalidArgument, reason: "reasonMissing", "say why it is declined", field: "reason")
      }
      idea.declinedReason = reason
    case .implemented:
      guard let team = request.team ?? idea.team ?? circumstances.actor.team else {
        throw Fault(.invalidArgument, reason: "teamMissing", "say which team implemented it", field: "team")
      }
      idea.implementedAt = circumstances.now
      idea.implementedBy = team
    case .verified: try verify(&idea, request, circumstances)
    case .scaled:
      guard circumstances.otherTeamsUsing > 0 else {
        throw Fault(
          .failedPrecondition,
          reason: "notInUse",
          "no other team has it in use yet: offer it to one first",
          field: "to"
        )
      }
    case .testing, .submitted, .merged: break
    }
    idea.state = .known(target)
    return idea
  }

  /// Thirty days on, somebody of another team, or an event, says that it is really in use.
  private func verify(_ idea: inout Idea, _ request: AdvanceIdea, _ circumstances: Circumstances) throws(Fault) {
    guard let implementedAt = idea.implementedAt, circumstances.now - implementedAt >= policy.verificationAfter else {
      throw Fault(
        .failedPrecondition,
        reason: "tooEarly",
        "it can be verified \(policy.verificationAfter.components.seconds / 86_400) days after it was implemented"
          + (verificationDue(idea).map { ", from \($0)" } ?? ""),
        field: "to"
      )
    }
    if request.evidence?.nonBlank != nil {
      guard circumstances.isEvidenceKnown else {
        throw Fault(
          .notFound,
          reason: "unknownEvidence",
          "the evidence has to be the id of feedback or of a concluded test of this programme",
          field: "evidence"
        )
      }
      idea.verifiedBy = "event data"
    } else {
      guard let team = circumstances.actor.team, team != idea.implementedBy, team != idea.team else {
        throw Fault(
          .permissionDenied,
          reason: "ownVerification",
          "somebody of another team has to verify it, or give the event that proves it as evidence",
          field: "evidence"
        )
      }
      idea.verifiedBy = circumstances.actor.name
    }
    idea.verifiedAt = circumstances.now
  }

  /// From when an implemented idea waits for its verification.
  package func verificationDue(_ idea: Idea) -> Timestamp? {
    guard idea.state == .implemented else { return nil }
    return idea.implementedAt.map { $0 + policy.verificationAfter }
  }
}
