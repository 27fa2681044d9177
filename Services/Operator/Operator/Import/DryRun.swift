import Foundation

/// Reads and checks every row, and sends none: what an import would do, as far as this side can tell.
struct DryRun {
  private let options: ImportOptions
  private let plan: ImportPlan

  init(_ options: ImportOptions, _ plan: ImportPlan) {
    self.options = options
    self.plan = plan
  }

  /// - Returns: rows that could be sent as imported, the others as rejected.
  func run() async throws -> ImportSummary {
    let progress = ProgressLine(total: plan.rows, settledAtStart: 0, isShown: false)
    let maker = EventMaker(
      programme: options.programme,
      source: options.source,
      channel: options.channel,
      positions: plan.positions,
      dateFormat: plan.dateFormat,
      timeZone: options.timeZone,
      teams: [:]
    )
    var reader = options.format.reader(options)
    var tally = ImportTally()
    let check = { (row: ImportRow) in
      do throws(ImportProblem) {
        _ = try maker.event(for: row)
        tally.imported += 1
      } catch {
        tally.rejected += 1
        complain("row \(row.number), line \(row.line): \(error.message) [\(error.reason)]")
      }
    }
    try await ImportFile(path: options.path).read { chunk in
      try reader.consume(chunk) { row, _ in check(row) }
      return true
    }
    try reader.finish { row, _ in check(row) }
    return ImportSummary(
      rows: plan.rows,
      imported: tally.imported,
      duplicates: 0,
      rejected: tally.rejected,
      rejectsFile: nil,
      seconds: progress.elapsedSeconds
    )
  }
}
