package import Contracts

/// What kind of failure it was (after Edmondson, "Right Kind of Wrong", 2023).
package struct FailedAttempt: Hashable, Sendable {
  package var hypothesis: String?
  /// It answered an opportunity, an idea or a metric that was written down beforehand.
  package var hasGoal: Bool
  /// Inside the licence's limits, or through the pilot's gate.
  package var isAsSmallAsPossible: Bool
  /// No grave told as much already, or what that grave asked for has changed.
  package var isNewTerritory: Bool
  package var lesson: String?

  package init(
    hypothesis: String?,
    hasGoal: Bool,
    isAsSmallAsPossible: Bool,
    isNewTerritory: Bool,
    lesson: String?
  ) {
    self.hypothesis = hypothesis
    self.hasGoal = hasGoal
    self.isAsSmallAsPossible = isAsSmallAsPossible
    self.isNewTerritory = isNewTerritory
    self.lesson = lesson
  }

  /// What keeps it from being an intelligent failure; empty where nothing does.
  package var lacks: [String] {
    var lacks: [String] = []
    if hypothesis?.nonBlank == nil { lacks.append("a hypothesis") }
    if !hasGoal { lacks.append("a goal (an idea, an opportunity or a test)") }
    if !isAsSmallAsPossible { lacks.append("a size kept as small as possible") }
    if !isNewTerritory { lacks.append("new territory (a grave told as much before)") }
    if lesson?.nonBlank == nil { lacks.append("a lesson") }
    return lacks
  }

  /// Intelligent where nothing lacks, else basic. That many causes came together, which makes it complex, only a
  /// person can say.
  package var kind: FailureKind { lacks.isEmpty ? .intelligent : .basic }

  /// The kind that a person claims, where it holds.
  /// - Throws: `Fault` `unknownFailure`, or `notIntelligent` naming all that lacks.
  package func kind(claimed: Open<FailureKind>?) throws(Fault) -> FailureKind {
    switch claimed {
    case nil: return kind
    case .known(.intelligent):
      guard lacks.isEmpty else {
        throw Fault(
          .failedPrecondition,
          reason: "notIntelligent",
          "an intelligent failure needs " + lacks.joined(separator: ", ") + "; record it as basic or complex",
          field: "failure"
        )
      }
      return .intelligent
    case .known(let kind): return kind
    case .unknown(let raw):
      throw Fault(
        .invalidArgument,
        reason: "unknownFailure",
        "'\(raw)' is no kind of failure; use intelligent, basic or complex",
        field: "failure"
      )
    }
  }
}
