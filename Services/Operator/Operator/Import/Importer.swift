import AsyncAlgorithms
import Contracts
import Foundation

/// Reads a file, sends its rows, and accounts for every one of them.
actor Importer {
  /// Rows in one message: enough to share a commit, few enough to lose little when a connection breaks.
  private static let rowsPerBatch = 200

  private let connection: Connection
  private let options: ImportOptions
  private let plan: ImportPlan
  private let stateFolder: URL
  private var checkpoint: ImportCheckpoint
  private var rejects: RejectsFile
  private var progress: ProgressLine
  private let batches = AsyncChannel<ImportBatch>()

  /// - Parameters:
  ///   - stateFolder: where the checkpoint of an interrupted import is kept.
  ///   - rejectsPath: where the rows that can't be imported go.
  init(
    _ connection: Connection,
    _ options: ImportOptions,
    _ plan: ImportPlan,
    stateFolder: URL,
    rejectsPath: String
  ) throws {
    self.connection = connection
    self.options = options
    self.plan = plan
    self.stateFolder = stateFolder
    checkpoint = try ImportCheckpoint.open(for: options, in: stateFolder)
    let resumes = checkpoint.tally.settled > 0
    rejects = try RejectsFile(path: rejectsPath, columns: plan.columns, appends: resumes)
    progress = ProgressLine(total: plan.rows, settledAtStart: checkpoint.tally.settled)
  }

  /// - Parameter teams: the ids of the teams that the file names.
  /// - Throws: `ImportError`, and `Fault` where Ingestion can't be reached or refuses the import as a whole. What was
  ///   settled until then is kept, and the next import of the same file goes on from there.
  func run(teams: [String: ID<Team>]) async throws -> ImportSummary {
    let maker = EventMaker(
      programme: options.programme,
      source: options.source,
      channel: options.channel,
      positions: plan.positions,
      dateFormat: plan.dateFormat,
      timeZone: options.timeZone,
      teams: teams
    )
    let sender = ImportSender(connection: connection, programme: options.programme, batches: batches) {
      batch,
      receipt in
      try await self.settle(batch, receipt)
    }
    let settled = checkpoint.tally.settled
    do {
      try await withThrowingTaskGroup { group in
        group.addTask { try await self.read(maker, skipping: settled) }
        group.addTask { try await sender.run() }
        try await group.waitForAll()
      }
    } catch {
      progress.end()
      try checkpoint.save(in: stateFolder)
      throw error
    }
    progress.end()
    try checkpoint.remove(from: stateFolder)
    let tally = checkpoint.tally
    return ImportSummary(
      rows: plan.rows,
      imported: tally.imported,
      duplicates: tally.duplicates,
      rejected: tally.rejected,
      rejectsFile: tally.rejected > 0 ? rejects.path : nil,
      seconds: (progress.elapsedSeconds * 1000).rounded() / 1000
    )
  }

  /// The second pass: rows become events, events become batches.
  ///
  /// Rows that can't be sent travel in their batch without an event, so that they are settled in order with the rest.
  private nonisolated func read(_ maker: EventMaker, skipping settled: Int) async throws {
    defer { batches.finish() }
    var reader = options.format.reader(options)
    var assembly = BatchAssembly(maker: maker, skipping: settled)
    try await ImportFile(path: options.path).read { chunk in
      try reader.consume(chunk) { row, _ in assembly.take(row) }
      for batch in assembly.full(Self.rowsPerBatch) { await batches.send(batch) }
      return !Task.isCancelled
    }
    try reader.finish { row, _ in assembly.take(row) }
    for batch in assembly.full(1, upTo: Self.rowsPerBatch) { await batches.send(batch) }
  }

  private func settle(_ batch: ImportBatch, _ receipt: IntakeReceipt) throws {
    var results = receipt.results.makeIterator()
    for row in batch.rows {
      if let problem = row.problem {
        try reject(row, problem)
      } else if let result = results.next() {
        switch result.outcome.known {
        case .accepted: checkpoint.tally.imported += 1
        case .duplicate: checkpoint.tally.duplicates += 1
        case .rejected, nil:
          let fault = result.fault
          try reject(
            row,
            ImportProblem(reason: fault?.reason ?? "rejected", message: fault?.message ?? "rejected by Ingestion")
          )
        }
      }
    }
    try checkpoint.save(in: stateFolder)
    progress.show(checkpoint.tally)
  }

  private func reject(_ row: ImportRow, _ problem: ImportProblem) throws {
    try rejects.write(row, problem)
    checkpoint.tally.rejected += 1
  }
}

/// Collects rows until there are enough for a batch.
private struct BatchAssembly {
  private let maker: EventMaker
  private var skipping: Int
  private var number = 0
  private var rows: [(row: ImportRow, event: JSONValue?)] = []

  init(maker: EventMaker, skipping: Int) {
    self.maker = maker
    self.skipping = skipping
  }

  mutating func take(_ row: ImportRow) {
    guard row.number > skipping else { return }
    do {
      rows.append((row, try maker.event(for: row)))
    } catch {
      var row = row
      row.problem = error
      rows.append((row, nil))
    }
  }

  /// Batches of `most` rows, and what is left over where that is at least `least`.
  mutating func full(_ least: Int, upTo most: Int? = nil) -> [ImportBatch] {
    let size = most ?? least
    var batches: [ImportBatch] = []
    while rows.count >= size || (rows.count >= least && !rows.isEmpty) {
      let part = rows.prefix(size)
      rows.removeFirst(part.count)
      batches.append(ImportBatch(number: number, rows: part.map(\.row), events: part.compactMap(\.event)))
      number += 1
    }
    return batches
  }
}
