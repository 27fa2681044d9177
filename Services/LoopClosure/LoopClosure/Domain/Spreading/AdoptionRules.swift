package import Contracts

/// How a team takes up an idea: offered → trialled → adapted → inUse → sustained | abandoned.
package struct AdoptionRules: Sendable {
  package let policy: LoopPolicy

  package init(policy: LoopPolicy) {
    self.policy = policy
  }

  /// From which states each may be reached; nil stands for a team that it was never offered to.
  private static let origins: [AdoptionState: Set<AdoptionState?>] = [
    .offered: [nil, .abandoned],
    .trialled: [nil, .offered, .abandoned],
    .adapted: [.trialled],
    .inUse: [.trialled, .adapted],
    .sustained: [.inUse],
    .abandoned: [.offered, .trialled, .adapted, .inUse, .sustained],
  ]

  /// - Parameter row: how it stands with the team; nil where there is none yet.
  /// - Throws: `Fault`: `unknownState`, `notImplemented`, `wrongState`, `reasonMissing`, `unknownComponent`,
  ///   `componentsMissing`, `tooEarly`, `notAProportion`.
  package func change(
    _ row: Adoption?,
    of idea: Idea,
    by request: ChangeAdoption,
    now: Timestamp
  ) throws(Fault) -> Adoption {
    guard let target = request.to.known, let origins = AdoptionRules.origins[target] else {
      throw Fault(
        .invalidArgument,
        reason: "unknownState",
        "'\(request.to.rawValue)' is no state of adoption; use one of "
          + AdoptionState.allCases.map(\.rawValue).joined(separator: ", "),
        field: "to"
      )
    }
    guard [.implemented, .verified, .scaled].contains(idea.state.known) else {
      throw Fault(
        .failedPrecondition,
        reason: "notImplemented",
        "an idea that is \(idea.state.rawValue) has nothing to take up yet: it has to be implemented somewhere first",
        field: "idea"
      )
    }
    guard origins.contains(row?.state.known) else {
      throw Fault(
        .failedPrecondition,
        reason: "wrongState",
        "it is \(row?.state.rawValue ?? "not offered") at this team and can't become \(target.rawValue); it has to be "
          + origins.map { $0?.rawValue ?? "new to the team" }.sorted().joined(separator: " or "),
        field: "to"
      )
    }
    var row =
      row
      ?? Adoption(
        idea: idea.id,
        programme: idea.programme,
        team: request.team,
        originator: idea.team,
        state: request.to,
        offeredAt: now
      )
    try note(request, target, idea, in: &row)
    switch target {
    case .inUse: row.inUseAt = now
    case .sustained: try sustain(&row, now: now)
    case .abandoned:
      guard let reason = request.reason?.nonBlank else {
        throw Fault(
          .invalidArgument,
          reason: "reasonMissing",
          "say why: it is what the next team wants to know",
          field: "reason"
        )
      }
      row.abandonedReason = reason
    case .offered, .trialled, .adapted: row.abandonedReason = nil
    }
    row.state = .known(target)
    return row
  }

  /// The row of a team in which the idea was implemented: it is in use there from the start, whole.
  package func firstUse(of idea: Idea, team: ID<Team>, now: Timestamp) -> Adoption {
    Adoption(
      idea: idea.id,
      programme: idea.programme,
      team: team,
      originator: idea.team,
      state: .known(.inUse),
      fidelity: idea.coreComponents.isEmpty ? nil : 1,
      offeredAt: now,
      inUseAt: now
    )
  }

  /// From when a row in use counts as sustained; nil where it isn't in use.
  package func sustainedFrom(_ row: Adoption) -> Timestamp? {
    row.state == .inUse ? row.inUseAt.map { $0 + policy.sustainedAfter } : nil
  }

  private func sustain(_ row: inout Adoption, now: Timestamp) throws(Fault) {
    guard let from = sustainedFrom(row), from <= now else {
      throw Fault(
        .failedPrecondition,
        reason: "tooEarly",
        "it counts as sustained after \(policy.sustainedAfter.components.seconds / 86_400) days of use"
          + (sustainedFrom(row).map { ", from \($0)" } ?? ""),
        field: "to"
      )
    }
    row.sustainedAt = now
  }

  private func note(
    _ request: ChangeAdoption,
    _ target: AdoptionState,
    _ idea: Idea,
    in row: inout Adoption
  ) throws(Fault) {
    if let kept = request.keptComponents {
      if let stranger = kept.first(where: { !idea.coreComponents.contains($0) }) {
        throw Fault(
          .invalidArgument,
          reason: "unknownComponent",
          "'\(stranger)' is no core component of the idea; they are: " + idea.coreComponents.joined(separator: ", "),
          field: "keptComponents"
        )
      }
      row.fidelity =
        idea.coreComponents.isEmpty ? nil : Double(Set(kept).count) / Double(Set(idea.coreComponents).count)
    }
    guard target != .inUse || idea.coreComponents.isEmpty || row.fidelity != nil else {
      throw Fault(
        .invalidArgument,
        reason: "componentsMissing",
        "say which core components the team keeps: " + idea.coreComponents.joined(separator: ", "),
        field: "keptComponents"
      )
    }
    if let effect = request.localEffect {
      guard effect.standardError > 0, abs(effect.effect) <= 1 else {
        throw Fault(
          .invalidArgument,
          reason: "notAProportion",
          "a local effect is a difference of proportions with a standard error above 0",
          field: "localEffect"
        )
      }
      row.localEffect = effect
    }
    row.adaptation = request.adaptation?.nonBlank ?? row.adaptation
  }
}
