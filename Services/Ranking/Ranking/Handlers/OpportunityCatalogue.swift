package import Contracts
package import GRDB

/// Answers questions about opportunities.
package struct OpportunityCatalogue: Sendable {
  let cache: ThemeCache
  /// The most that are put in order; there are fewer unless somebody mutes hundreds.
  private static let mostCandidates = 2000
  /// Cosine from which a text is near to a theme.
  private static let searchThreshold = 0.1

  package init(cache: ThemeCache) {
    self.cache = cache
  }

  package func list(_ request: OpportunitiesRequest, at now: Timestamp, _ database: Database) throws -> OpportunityList
  {
    try DirectoryRows(database: database).check(request.programme)
    let limit = try checked(request.limit, in: 1...200, usually: 20)
    let rows = OpportunityRows(database: database, programme: request.programme)
    var candidates = try rows.candidates(
      includingMuted: request.includeMuted ?? false,
      limit: OpportunityCatalogue.mostCandidates
    )
    let places: [OpportunityOrder.Place]
    if let search = request.search, !search.allSatisfy(\.isWhitespace) {
      let near = try numbers(near: search, request.programme, database)
      candidates = candidates.filter { near[$0.number] != nil }
      // Somebody who looks for something wants the nearest first.
      places = candidates.sorted { (near[$0.number] ?? 0) < (near[$1.number] ?? 0) }
        .prefix(limit).map { OpportunityOrder.Place(id: $0.candidate.id, isExploration: false) }
    } else {
      let seed = "\(request.programme)/\(now.day)"
      places = OpportunityOrder.list(candidates.map(\.candidate), limit: limit, seed: seed)
    }
    let items = try database.integer("SELECT items FROM model WHERE programme = ?", [request.programme.rawValue]) ?? 0
    return OpportunityList(
      opportunities: try places.compactMap { try ranked($0, rows, now) },
      total: candidates.count,
      unthemedItems: max(0, items - (try rows.themedItems())),
      items: items
    )
  }

  private func ranked(
    _ place: OpportunityOrder.Place,
    _ rows: OpportunityRows,
    _ now: Timestamp
  ) throws -> RankedOpportunity? {
    guard let row = try rows.find(place.id) else { return nil }
    let opportunity = try rows.opportunity(row, now: now)
    return RankedOpportunity(
      opportunity: opportunity,
      isExploration: place.isExploration,
      because: Because.sentence(for: opportunity, isExploration: place.isExploration)
    )
  }

  /// Ranks of the opportunities near to a text, the nearest 0.
  private func numbers(
    near text: String,
    _ programme: ID<Programme>,
    _ database: Database
  ) throws -> [ThemeNumber: Int] {
    let vector = TermVector(Word.words(of: text, language: "und"))
    let found = try cache.consult(programme, database) { model in
      model.search(vector, limit: 200).filter { $0.similarity >= OpportunityCatalogue.searchThreshold }.map(\.theme)
    }
    return Dictionary(uniqueKeysWithValues: found.enumerated().map { ($0.element, $0.offset) })
  }

  package func detail(_ request: OpportunityRequest, at now: Timestamp, _ database: Database) throws
    -> OpportunityDetail
  {
    let rows = OpportunityRows(database: database, programme: request.programme)
    let row = try rows.known(request.id, field: "id")
    let limit = try checked(request.limit, in: 1...500, usually: 50)
    let page = try evidence(of: row, rows, after: request.cursor, limit: limit)
    return OpportunityDetail(
      opportunity: try rows.opportunity(row, now: now),
      evidence: page.items.map(\.quote),
      cursor: page.next,
      absorbed: try rows.absorbed(by: row.number).map(\.id)
    )
  }

  /// A page of what it rests on. A merged one shows what was filed in it, though that counts elsewhere now.
  private func evidence(
    of row: OpportunityRow,
    _ rows: OpportunityRows,
    after cursor: String?,
    limit: Int
  ) throws -> (items: [FiledFeedback], next: String?) {
    let (time, number) = try place(cursor)
    let theme = try rows.lineage(of: row.number).last ?? row.number
    let homes = theme == row.number ? [] : try rows.family(of: row.number).map(\.rawValue)
    let condition = homes.isEmpty ? "" : "AND home IN (\(homes.map(String.init).joined(separator: ",")))"
    let items = try Row.fetchAll(
      rows.database,
      sql: """
        SELECT * FROM feedback WHERE programme = ? AND theme = ? AND (occurredAt, number) < (?, ?) \(condition)
        ORDER BY occurredAt DESC, number DESC LIMIT ?
        """,
      arguments: [rows.programme.rawValue, theme.rawValue, time, number, limit]
    )
    .map { FiledFeedback($0) }
    let next = items.count == limit ? items.last.map { "\($0.occurredAt.milliseconds)/\($0.number)" } : nil
    return (items, next)
  }

  /// A cursor is the time and number of the last item that was shown.
  private func place(_ cursor: String?) throws -> (time: Int64, number: Int64) {
    guard let cursor else { return (.max, .max) }
    let parts = cursor.split(separator: "/").map { Int64($0) }
    guard parts.count == 2, let time = parts[0], let number = parts[1] else {
      throw Fault(
        .invalidArgument,
        reason: "cursorUnreadable",
        "Give the cursor that came with the page before, or none.",
        field: "cursor"
      )
    }
    return (time, number)
  }

  private func checked(_ limit: Int?, in range: ClosedRange<Int>, usually: Int) throws -> Int {
    guard let limit else { return usually }
    guard range.contains(limit) else {
      throw Fault(
        .invalidArgument,
        reason: "limitOutOfRange",
        "A limit lies between \(range.lowerBound) and \(range.upperBound).",
        field: "limit"
      )
    }
    return limit
  }
}
