import Contracts
import GRDB

/// Ideas and their clusters.
struct IdeaRows {
  let database: Database

  /// Saves an idea with the link to what it was merged into. `supporters` in its body are those of its whole cluster.
  func save(_ member: IdeaCluster.Member, tickAt: Timestamp?) throws {
    let idea = member.idea
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO idea
          (programme, id, team, state, opportunity, canonical, mergedInto, stateBeforeMerge, submittedAt, tickAt, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        idea.programme.rawValue, idea.id.rawValue, idea.team?.rawValue, idea.state.rawValue,
        idea.opportunity?.rawValue, idea.canonical.rawValue, member.mergedInto?.rawValue,
        member.stateBeforeMerge?.rawValue, idea.submittedAt.milliseconds, tickAt?.milliseconds, try idea.stored(),
      ]
    )
  }

  func addSupporter(_ supporter: String, to idea: ID<Idea>, in programme: ID<Programme>) throws {
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO ideaSupporter (programme, idea, number, supporter)
        SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3 FROM ideaSupporter WHERE programme = ?1 AND idea = ?2
        """,
      arguments: [programme.rawValue, idea.rawValue, supporter]
    )
  }

  func idea(_ id: ID<Idea>, in programme: ID<Programme>) throws -> Idea? {
    try database.value(
      Idea.self,
      sql: "SELECT body FROM idea WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// - Throws: NOT_FOUND `unknownIdea`.
  func require(_ id: ID<Idea>, in programme: ID<Programme>, field: String = "id") throws -> Idea {
    guard let idea = try idea(id, in: programme) else {
      throw Fault(.notFound, reason: "unknownIdea", "Programme '\(programme)' has no idea '\(id)'.", field: field)
    }
    return idea
  }

  /// - Throws: NOT_FOUND `unknownIdea`.
  func requireMember(_ id: ID<Idea>, in programme: ID<Programme>, field: String = "id") throws -> IdeaCluster.Member {
    let idea = try require(id, in: programme, field: field)
    return try member(idea)
  }

  /// An idea with its own supporters and its link.
  func member(_ idea: Idea) throws -> IdeaCluster.Member {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT mergedInto, stateBeforeMerge FROM idea WHERE programme = ? AND id = ?",
      arguments: [idea.programme.rawValue, idea.id.rawValue]
    )
    let own = try String.fetchAll(
      database,
      sql: "SELECT supporter FROM ideaSupporter WHERE programme = ? AND idea = ? ORDER BY number",
      arguments: [idea.programme.rawValue, idea.id.rawValue]
    )
    return IdeaCluster.Member(
      idea: idea,
      ownSupporters: own,
      mergedInto: (row?["mergedInto"] as String?).map { ID($0) },
      stateBeforeMerge: (row?["stateBeforeMerge"] as String?).map(Open.init(rawValue:))
    )
  }

  /// The idea and all that were merged into it, directly or not.
  func subtree(of id: ID<Idea>, in programme: ID<Programme>) throws -> [IdeaCluster.Member] {
    let cluster = try database.values(
      Idea.self,
      sql: """
        WITH RECURSIVE part(id) AS (
          SELECT ?2 UNION SELECT i.id FROM part CROSS JOIN idea i ON i.programme = ?1 AND i.mergedInto = part.id)
        SELECT body FROM idea JOIN part USING (id) WHERE programme = ?1 ORDER BY submittedAt, idea.id
        """,
      [programme.rawValue, id.rawValue]
    )
    return try cluster.map(member)
  }

  /// Newest first, and how many there are in all. One idea asked for by its id comes with those merged into it.
  func list(_ request: IdeasRequest, opportunities: [String]?, limit: Int) throws -> IdeaList {
    var conditions = Conditions("programme = ?", [request.programme.rawValue])
    if let id = request.id?.rawValue { conditions.add("(id = ? OR canonical = ?)", [id, id]) }
    conditions.add("team", is: request.team?.rawValue)
    conditions.add("state", isOneOf: request.states?.map(\.rawValue))
    conditions.add("opportunity", isOneOf: opportunities)
    let total = try database.number(sql: "SELECT count(*) FROM idea WHERE \(conditions.sql)", conditions.arguments)
    let ideas = try database.values(
      Idea.self,
      sql: """
        SELECT body FROM idea WHERE \(conditions.sql) ORDER BY id = ? DESC, submittedAt DESC, id DESC LIMIT ?
        """,
      conditions.arguments + [request.id?.rawValue ?? "", limit]
    )
    return IdeaList(ideas: ideas, total: total)
  }

  func ticking(at now: Timestamp, limit: Int) throws -> [Idea] {
    try database.values(
      Idea.self,
      sql: "SELECT body FROM idea WHERE tickAt <= ? ORDER BY tickAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }

  /// What a team has to do about its ideas: decide, start, or have verified; the oldest first.
  func due(of team: ID<Team>, in programme: ID<Programme>, implementedBefore: Timestamp, limit: Int) throws -> [Idea] {
    let ideas = try database.values(
      Idea.self,
      sql: """
        SELECT body FROM idea WHERE programme = ? AND team = ? AND state IN ('submitted', 'accepted', 'implemented')
        ORDER BY submittedAt LIMIT 500
        """,
      [programme.rawValue, team.rawValue]
    )
    return Array(
      ideas.filter { $0.state != .implemented || ($0.implementedAt ?? implementedBefore) <= implementedBefore }
        .prefix(limit)
    )
  }
}
