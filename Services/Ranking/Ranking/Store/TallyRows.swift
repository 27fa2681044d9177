import Contracts
import GRDB

/// Counts items in and out of opportunities: customers, days, teams, channels and touchpoints.
struct TallyRows {
  let database: Database
  let programme: ID<Programme>

  /// Counts an item in.
  func add(_ item: FiledFeedback, to number: ThemeNumber) throws {
    var known = 0
    var returning = 0
    if let customer = item.customer {
      let items = try database.integer(
        """
        INSERT INTO opportunityCustomer (programme, number, customer, items) VALUES (?, ?, ?, 1)
        ON CONFLICT DO UPDATE SET items = items + 1 RETURNING items
        """,
        [programme.rawValue, number.rawValue, customer.rawValue]
      )
      known = items == 1 ? 1 : 0
      returning = items == 2 ? 1 : 0
    }
    for (facet, value) in item.facets { try count(facet, value, number, by: 1) }
    try count(day: item.day, number, by: 1)
    try change(number, by: item, sign: 1, known: known, returning: returning)
  }

  /// Counts an item out again.
  func remove(_ item: FiledFeedback, from number: ThemeNumber) throws {
    var known = 0
    var returning = 0
    if let customer = item.customer {
      let key: StatementArguments = [programme.rawValue, number.rawValue, customer.rawValue]
      let items = try database.integer(
        """
        UPDATE opportunityCustomer SET items = items - 1 WHERE programme = ? AND number = ? AND customer = ?
        RETURNING items
        """,
        key
      )
      known = items == 0 ? -1 : 0
      returning = items == 1 ? -1 : 0
      try database.run(
        "DELETE FROM opportunityCustomer WHERE programme = ? AND number = ? AND customer = ? AND items <= 0",
        key
      )
    }
    for (facet, value) in item.facets {
      try count(facet, value, number, by: -1)
      try database.run(
        "DELETE FROM opportunityFacet WHERE programme = ? AND number = ? AND kind = ? AND value = ? AND items <= 0",
        [programme.rawValue, number.rawValue, facet.rawValue, value]
      )
    }
    try count(day: item.day, number, by: -1)
    try change(number, by: item, sign: -1, known: known, returning: returning)
  }

  private func count(_ facet: Facet, _ value: String, _ number: ThemeNumber, by change: Int) throws {
    try database.run(
      """
      INSERT INTO opportunityFacet (programme, number, kind, value, items) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET items = items + excluded.items
      """,
      [programme.rawValue, number.rawValue, facet.rawValue, value, change]
    )
  }

  private func count(day: Int, _ number: ThemeNumber, by change: Int) throws {
    try database.run(
      """
      INSERT INTO opportunityDay (programme, number, day, items) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET items = items + excluded.items
      """,
      [programme.rawValue, number.rawValue, day, change]
    )
  }

  private func change(
    _ number: ThemeNumber,
    by item: FiledFeedback,
    sign: Int,
    known: Int,
    returning: Int
  ) throws {
    try database.run(
      """
      UPDATE opportunity SET items = items + ?, knownCustomers = knownCustomers + ?,
        returningCustomers = returningCustomers + ?, itemsWithoutCustomer = itemsWithoutCustomer + ?,
        severitySum = max(0, severitySum + ?), similaritySum = max(0, similaritySum + ?), needs = needs + ?,
        lastSeenAt = max(lastSeenAt, ?), refreshPlace = \(OpportunityRows.queued)
      WHERE programme = ? AND number = ?
      """,
      [
        sign, known, returning, item.customer == nil ? sign : 0, Double(sign) * item.severity,
        Double(sign) * item.similarity, item.severity >= Severity.ofANeed ? sign : 0, item.occurredAt.milliseconds,
        programme.rawValue, number.rawValue,
      ]
    )
  }

  /// Items by day, from `firstDay` on.
  func days(of number: ThemeNumber, from firstDay: Int) throws -> [Int: Int] {
    try database.rows(
      "SELECT day, items FROM opportunityDay WHERE programme = ? AND number = ? AND day >= ? AND items > 0",
      [programme.rawValue, number.rawValue, firstDay]
    )
    .reduce(into: [:]) { $0[$1["day"]] = $1["items"] }
  }
}

// MARK: Merging

extension TallyRows {
  /// Adds all that was counted for one opportunity to another, or takes it out again. The first keeps its own counts.
  func transfer(_ absorbed: ThemeNumber, to number: ThemeNumber, sign: Int) throws {
    for (table, keys) in [
      ("opportunityCustomer", "customer"), ("opportunityFacet", "kind, value"), ("opportunityDay", "day"),
    ] {
      try database.run(
        """
        INSERT INTO \(table) (programme, number, \(keys), items)
        SELECT programme, ?, \(keys), ? * items FROM \(table) WHERE programme = ? AND number = ?
        ON CONFLICT DO UPDATE SET items = items + excluded.items
        """,
        [number.rawValue, sign, programme.rawValue, absorbed.rawValue]
      )
      try database.run(
        "DELETE FROM \(table) WHERE programme = ? AND number = ? AND items <= 0",
        [programme.rawValue, number.rawValue]
      )
    }
    try transferSums(absorbed, to: number, sign: sign)
    try recountCustomers(number)
  }

  private func transferSums(_ absorbed: ThemeNumber, to number: ThemeNumber, sign: Int) throws {
    try database.run(
      """
      UPDATE opportunity SET items = opportunity.items + ?3 * other.items,
        itemsWithoutCustomer = opportunity.itemsWithoutCustomer + ?3 * other.itemsWithoutCustomer,
        severitySum = max(0, opportunity.severitySum + ?3 * other.severitySum),
        similaritySum = max(0, opportunity.similaritySum + ?3 * other.similaritySum),
        needs = opportunity.needs + ?3 * other.needs,
        lastSeenAt = max(opportunity.lastSeenAt, other.lastSeenAt), refreshPlace = \(OpportunityRows.queued)
      FROM (SELECT items, itemsWithoutCustomer, severitySum, similaritySum, needs, lastSeenAt FROM opportunity
        WHERE programme = ?1 AND number = ?2) AS other
      WHERE programme = ?1 AND number = ?4
      """,
      [programme.rawValue, absorbed.rawValue, sign, number.rawValue]
    )
  }

  private func recountCustomers(_ number: ThemeNumber) throws {
    try database.run(
      """
      UPDATE opportunity SET
        knownCustomers = (SELECT count(*) FROM opportunityCustomer WHERE programme = ?1 AND number = ?2),
        returningCustomers =
          (SELECT count(*) FROM opportunityCustomer WHERE programme = ?1 AND number = ?2 AND items > 1)
      WHERE programme = ?1 AND number = ?2
      """,
      [programme.rawValue, number.rawValue]
    )
  }

  /// The items filed in `homes` count in `theme` from here on.
  func move(itemsFiledIn homes: [ThemeNumber], from old: ThemeNumber, to theme: ThemeNumber) throws {
    for home in homes {
      try database.run(
        "UPDATE feedback SET theme = ? WHERE programme = ? AND theme = ? AND home = ?",
        [theme.rawValue, programme.rawValue, old.rawValue, home.rawValue]
      )
    }
  }
}

extension FiledFeedback {
  fileprivate var facets: [(Facet, String)] {
    var facets = [(Facet.channel, channel.rawValue)]
    if let team { facets.append((.team, team.rawValue)) }
    if let touchpoint, !touchpoint.isEmpty { facets.append((.touchpoint, touchpoint)) }
    return facets
  }
}
