package import Contracts
package import GRDB
package import Storage

/// Looks for change-points, once for every day that is over: in how much comes in, and in what it is about.
package struct DisruptionWatch: Sendable {
  /// Days that are looked back on.
  private static let horizonDays = 400
  private static let mostOpportunities = 50

  package init() {}

  package func scan(_ transaction: Transaction) throws {
    let database = transaction.database
    let programmes = try database.texts("SELECT programme FROM model ORDER BY programme", [])
    for programme in programmes.map({ ID<Programme>($0) }) {
      guard let days = try FeedbackRows(database: database, programme: programme).days() else { continue }
      let rows = DisruptionRows(database: database, programme: programme)
      let lastComplete = days.upperBound - 1
      guard try rows.scannedDay().map({ $0 < lastComplete }) ?? true else { continue }
      try rows.setScannedDay(lastComplete)
      let first = max(days.lowerBound, lastComplete - DisruptionWatch.horizonDays)
      guard first <= lastComplete else { continue }
      try look(at: rows.programmeDays(from: first), first...lastComplete, of: nil, rows, transaction)
      let tally = TallyRows(database: database, programme: programme)
      for (number, id) in try rows.largeOpportunities(limit: DisruptionWatch.mostOpportunities) {
        try look(at: tally.days(of: number, from: first), first...lastComplete, of: id, rows, transaction)
      }
    }
  }

  private func look(
    at counts: [Int: Int],
    _ days: ClosedRange<Int>,
    of opportunity: ID<Opportunity>?,
    _ rows: DisruptionRows,
    _ transaction: Transaction
  ) throws {
    let subject = opportunity?.rawValue ?? ""
    let found = ChangePoints(in: days.map { counts[$0] ?? 0 })
    let latest = try rows.latest(of: subject)
    for change in found.changes {
      let disruption = disruption(change, from: days.lowerBound, opportunity, rows.programme)
      if let latest, disruption.startedAt <= latest.detectedAt {
        // Known, if perhaps dated by another day now that more is known; only whether it is over may be news.
        if var known = try rows.latest(of: subject), known.startedAt <= disruption.detectedAt, known.recoveredAt == nil
        {
          known.recoveredAt = disruption.recoveredAt
          try rows.save(known, of: subject)
        }
        continue
      }
      try rows.save(disruption, of: subject)
      try transaction.append(DisruptionDetected(disruption: disruption))
    }
  }

  private func disruption(
    _ change: ChangePoints.Change,
    from firstDay: Int,
    _ opportunity: ID<Opportunity>?,
    _ programme: ID<Programme>
  ) -> Disruption {
    let started = firstDay + change.started
    var random = SeededRandom(seed: "\(programme)/\(opportunity?.rawValue ?? "")/\(started)")
    return Disruption(
      id: ID("disruption-" + String(random.next(), radix: 16)),
      programme: programme,
      startedAt: Timestamp(day: started),
      // A day is counted once it is over.
      detectedAt: Timestamp(day: firstDay + change.detected + 1),
      rateBefore: change.rateBefore,
      rateSince: change.rateSince,
      opportunity: opportunity,
      recoveredAt: change.recovered.map { Timestamp(day: firstDay + $0) }
    )
  }

  package func disruptions(_ request: DisruptionsRequest, _ database: Database) throws -> DisruptionList {
    try DirectoryRows(database: database).check(request.programme)
    let rows = DisruptionRows(database: database, programme: request.programme)
    return DisruptionList(disruptions: try rows.list(limit: 200))
  }
}
