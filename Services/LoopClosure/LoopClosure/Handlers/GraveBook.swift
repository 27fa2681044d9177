package import Contracts
package import GRDB
package import Storage

/// Finds the graves that a text is like.
struct GraveSearch {
  let policy: LoopPolicy
  let database: Database

  /// What a grave is found by.
  static func text(_ grave: Grave) -> String {
    ([grave.name, grave.hypothesis, grave.lesson] + grave.contextTags).joined(separator: " ")
  }

  /// The nearest first, none below the similarity that makes one worth showing.
  func nearest(to fingerprint: TextFingerprint, in programme: ID<Programme>, limit: Int) throws -> [Grave] {
    try ranked(fingerprint, in: programme).filter { $0.similarity >= policy.graveSimilarity }
      .prefix(limit).map(\.grave)
  }

  /// Whether no earlier grave, other than that of `experiment` itself, told as much. A grave raised again as this very
  /// test doesn't count: what it asked for has changed.
  func isNewTerritory(
    _ hypothesis: String,
    name: String,
    experiment: ID<Experiment>?,
    in programme: ID<Programme>
  ) throws -> Bool {
    let fingerprint = TextFingerprint("\(name) \(hypothesis)")
    return try ranked(fingerprint, in: programme).allSatisfy { grave, _ in
      if let experiment, grave.experiment == experiment || grave.resurrectedAs == experiment { return true }
      let known = TextFingerprint("\(grave.name) \(grave.hypothesis)")
      return fingerprint.similarity(to: known) < policy.duplicateSimilarity
    }
  }

  private func ranked(
    _ fingerprint: TextFingerprint,
    in programme: ID<Programme>
  ) throws -> [(grave: Grave, similarity: Double)] {
    let rows = GraveRows(database: database)
    return try SearchRows(database: database).candidates(for: fingerprint, .grave, in: programme)
      .compactMap { try rows.grave(ID($0), in: programme) }
      .map { ($0, fingerprint.similarity(to: TextFingerprint(GraveSearch.text($0)))) }
      .sorted { ($1.1, $0.0.id) < ($0.1, $1.0.id) }
  }
}

/// The graveyard as the service keeps it.
package struct GraveBook: Sendable {
  let policy: LoopPolicy
  let mint: IdentifierMint

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    self.policy = policy
    self.mint = mint
  }

  package func dig(_ request: DigGrave, _ transaction: Transaction) throws -> Grave {
    let database = transaction.database
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let experiment = try request.experiment.map {
      try ExperimentRows(database: database).require($0, in: request.programme, field: "experiment")
    }
    if let experiment, ExperimentRules.isUnderWay(experiment) {
      throw Fault(
        .failedPrecondition,
        reason: "stillRunning",
        "test \(experiment.id) is still under way: conclude or stop it",
        field: "experiment"
      )
    }
    if let experiment, let grave = try GraveRows(database: database).grave(of: experiment.id, in: request.programme) {
      throw Fault(
        .alreadyExists,
        reason: "alreadyBuried",
        "test \(experiment.id) lies in grave \(grave.id) already",
        field: "experiment"
      )
    }
    let idea = try (request.idea ?? experiment?.idea).map {
      try IdeaRows(database: database).require($0, in: request.programme, field: "idea")
    }
    let isNew = try GraveSearch(policy: policy, database: database).isNewTerritory(
      request.hypothesis ?? experiment?.preRegistration.hypothesis ?? "",
      name: request.name,
      experiment: request.experiment,
      in: request.programme
    )
    let grave = try GraveRules.dug(
      mint.next("grave", at: transaction.now),
      by: request,
      experiment: experiment,
      idea: idea,
      isNewTerritory: isNew,
      now: transaction.now
    )
    return try record(dug: grave, transaction)
  }

  /// Lays a refuted or harmful test to rest, of itself.
  func bury(_ experiment: Experiment, _ transaction: Transaction) throws {
    let isNew = try GraveSearch(policy: policy, database: transaction.database).isNewTerritory(
      experiment.preRegistration.hypothesis,
      name: experiment.title,
      experiment: experiment.id,
      in: experiment.programme
    )
    let grave = GraveRules.dug(
      mint.next("grave", at: transaction.now),
      by: experiment,
      isNewTerritory: isNew,
      now: transaction.now
    )
    if let grave { _ = try record(dug: grave, transaction) }
  }

  private func record(dug grave: Grave, _ transaction: Transaction) throws -> Grave {
    try GraveRows(database: transaction.database).save(grave)
    try SearchRows(database: transaction.database)
      .index(GraveSearch.text(grave), as: grave.id.rawValue, .grave, in: grave.programme)
    try transaction.append(GraveDug(grave: grave))
    return grave
  }

  /// Notes that a lesson was read before a test began.
  func cite(_ graves: [ID<Grave>], by experiment: Experiment, actor: Principal, _ transaction: Transaction) throws {
    let rows = GraveRows(database: transaction.database)
    for id in graves {
      var grave = try rows.require(id, in: experiment.programme, field: "citedGraves")
      grave.reuseCount += 1
      try rows.save(grave)
      try transaction.append(
        LessonReused(
          programme: grave.programme,
          grave: grave.id,
          team: grave.team,
          reusedBy: experiment.team,
          experiment: experiment.id
        )
      )
      try transaction.append(GraveVisited(grave: grave, visit: .known(.lessonReused), by: actor.name))
    }
  }

  package func visit(_ request: VisitGrave, actor: Principal, _ transaction: Transaction) throws -> Grave {
    let database = transaction.database
    _ = try DirectoryRows(database: database).require(request.programme)
    let rows = GraveRows(database: database)
    let grave = try rows.require(request.id, in: request.programme)
    if let experiment = request.experiment {
      _ = try ExperimentRows(database: database).require(experiment, in: request.programme, field: "experiment")
    }
    let visitor = actor.employee?.rawValue ?? actor.name
    let isFirst =
      try request.visit == .tribute && rows.payTribute(at: grave, by: visitor, now: transaction.now)
    let visited = try GraveRules.visit(grave, by: request, isFirstTribute: isFirst)
    // A second tribute changes nothing, so there is nothing to tell of it.
    guard visited != grave || request.visit == .resurrected else { return grave }
    try rows.save(visited)
    try transaction.append(GraveVisited(grave: visited, visit: request.visit, by: actor.name))
    return visited
  }

  package func graves(_ request: GraveyardRequest, _ database: Database) throws -> GraveList {
    _ = try DirectoryRows(database: database).require(request.programme)
    let rows = GraveRows(database: database)
    let limit = try ListLength.of(request.limit)
    let total = try rows.total(in: request.programme)
    if let id = request.id {
      return GraveList(graves: [try rows.require(id, in: request.programme)], total: total)
    }
    guard let near = request.near?.nonBlank else {
      return GraveList(graves: try rows.newest(in: request.programme, limit: limit), total: total)
    }
    let search = GraveSearch(policy: policy, database: database)
    return GraveList(
      graves: try search.nearest(to: TextFingerprint(near), in: request.programme, limit: limit),
      total: total
    )
  }
}
