package import Contracts

/// "What we tried": a week in which failures and successes have the same room.
package enum DigestRules {
  /// How many of either are told: the same number for both.
  package static let room = 10

  /// The week's digest. Whatever the outcome, everyone who concluded a test is thanked in the same words.
  package static func digest(
    from: Timestamp,
    until: Timestamp,
    concluded: [Experiment],
    graves: [Grave],
    started: [Experiment],
    tributes: [(grave: String, count: Int)]
  ) -> Digest {
    let worked = concluded.filter { $0.verdict?.outcome.known == .confirmed }
    let graveOf = Dictionary(graves.compactMap { grave in grave.experiment.map { ($0, grave.id) } }) { first, _ in first
    }
    let failedTests = concluded.filter { $0.verdict?.outcome.known != .confirmed }
    let told = Set(failedTests.map(\.id))
    let otherGraves = graves.filter { grave in grave.experiment.map { !told.contains($0) } ?? true }
    let didNotWork =
      failedTests.map { entry($0, grave: graveOf[$0.id]) }
      + otherGraves.map { grave in
        DigestEntry(
          title: grave.name,
          team: grave.team,
          lesson: grave.lesson,
          experiment: grave.experiment,
          grave: grave.id
        )
      }
    return Digest(
      from: from,
      until: until,
      worked: Array(worked.map { entry($0, grave: nil) }.prefix(room)),
      didNotWork: Array(didNotWork.prefix(room)),
      started: started,
      thanks: thanks(concluded, graves, tributes)
    )
  }

  private static func entry(_ experiment: Experiment, grave: ID<Grave>?) -> DigestEntry {
    DigestEntry(
      title: experiment.title,
      team: experiment.team,
      lesson: experiment.lesson ?? "",
      experiment: experiment.id,
      grave: grave
    )
  }

  private static func thanks(
    _ concluded: [Experiment],
    _ graves: [Grave],
    _ tributes: [(grave: String, count: Int)]
  ) -> [String] {
    let tried = concluded.map { "Thanks to \($0.team) for trying '\($0.title)' and telling what it taught." }
    let named = graves.filter { $0.consentToName && !$0.triedBy.isEmpty }
      .map { "Thanks to \($0.triedBy.joined(separator: ", ")) for '\($0.name)'." }
    let paid = tributes.filter { $0.count > 0 }
      .map { "'\($0.grave)' was paid tribute by \($0.count) \($0.count == 1 ? "colleague" : "colleagues")." }
    return tried + named + paid
  }
}
