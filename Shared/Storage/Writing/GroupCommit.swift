import Contracts
import CoreMetrics
import Foundation
import GRDB
import GRDBSQLite
import Logging
import Records

/// Commits what is waiting, many commands at a time. Lives on the writer's thread.
///
/// While one commit waits for the disk, commands gather in the inbox; the next commit takes them all, up to a limit.
/// So the disk's latency is shared under load, and nobody waits for a timer without it.
final class GroupCommit {
  private let environment: WriterEnvironment
  private let database: Database
  private let transaction: Transaction
  private let begin: HotStatement
  private let commit: HotStatement
  private let rollback: HotStatement
  private let log: WriteAheadLog
  private let clock = ContinuousClock()
  /// How many groups of repeatable commands are not run together, because one has failed lately.
  private var groupsToRunApart = 0
  private static let groupsApartAfterFailure = 32

  init(
    _ database: Database,
    heads: [HeadVector],
    ownership: Ownership,
    environment: WriterEnvironment
  ) throws {
    self.environment = environment
    self.database = database
    // GRDB's transaction observers would otherwise wait for statements of GRDB's to follow up on what these hooks
    // report; transactions are begun and ended past GRDB here, and nobody observes them.
    sqlite3_commit_hook(database.sqliteConnection, nil, nil)
    sqlite3_rollback_hook(database.sqliteConnection, nil, nil)
    transaction = try Transaction(
      database,
      heads: heads,
      ownership: ownership,
      requestMemory: environment.configuration.requestMemory,
      now: environment.now()
    )
    begin = try HotStatement(database, "BEGIN IMMEDIATE")
    commit = try HotStatement(database, "COMMIT")
    rollback = try HotStatement(database, "ROLLBACK")
    let configuration = environment.configuration
    log = try WriteAheadLog(
      of: database,
      checkpointAfterPages: configuration.checkpointAfterPages * (configuration.checkpoints == .own ? 1 : 64)
    )
  }

  func end() {
    log.detach()
  }

  /// Runs and commits the commands, in their order, and tells each what became of it.
  func execute(_ commands: [any Command]) {
    var rest = commands[...]
    while !rest.isEmpty {
      if let failure = environment.state.failure {
        for command in rest { command.fail(failure) }
        return
      }
      rest = commitSome(of: rest)
      // What follows from the commit is told before the next one, and before a checkpoint.
      environment.inbox.runSteps()
    }
    checkpointIfDue()
  }

  /// What is known about the commands of one transaction.
  private struct Batch {
    /// Those that have been run, and await the commit.
    var done: [any Command] = []
    var failures: [(any Command, any Error)] = []
    var count: Int { done.count + failures.count }

    func settle(_ outcome: Result<Void, StoreError>) {
      for command in done {
        switch outcome {
        case .success: command.succeed()
        case .failure(let error): command.fail(error)
        }
      }
      for (command, error) in failures { command.fail(error) }
    }
  }

  /// - Returns: the commands that didn't fit into this transaction.
  private func commitSome(of commands: ArraySlice<any Command>) -> ArraySlice<any Command> {
    var batch = Batch()
    do {
      try begin.run()
      try run(commands, into: &batch)
      let commandsEnd = clock.now
      let commitTime = environment.now()
      try transaction.requests.trim(before: commitTime - transaction.requestMemory)
      let frames = try transaction.journals.flatMap { try $0.store(at: commitTime) }
      log.hasGrown = false
      // Should the disk fail, it is the disk's.
      errno = 0
      try commit.run()
      didCommit(frames, batch, took: clock.now - commandsEnd)
      batch.settle(.success(()))
    } catch {
      let failure = abandon(error)
      batch.settle(.failure(failure))
      // Where not even a transaction could be begun, none of the commands has a chance.
      guard batch.count > 0 else {
        for command in commands { command.fail(failure) }
        return []
      }
    }
    return commands.dropFirst(batch.count)
  }

  private func run(_ commands: ArraySlice<any Command>, into batch: inout Batch) throws {
    if commands.count == 1 { return try runAlone(commands[commands.startIndex], into: &batch) }
    var rest = commands
    while let first = rest.first, !isFull {
      let countBefore = batch.count
      let repeatable = rest.prefix { $0.repetition == .repeatable }
      if repeatable.count < 2 {
        try runApart([first], into: &batch)
      } else if groupsToRunApart == 0 {
        try runTogether(repeatable, into: &batch)
      } else {
        groupsToRunApart -= 1
        try runApart(repeatable, into: &batch)
      }
      rest = rest.dropFirst(batch.count - countBefore)
    }
  }

  /// The transaction takes no further command.
  private var isFull: Bool { transaction.pendingByteCount >= environment.configuration.mostBytesPerCommit }

  /// A lone command needs no savepoint: its failure takes nobody along.
  private func runAlone(_ command: any Command, into batch: inout Batch) throws {
    transaction.now = environment.now()
    do {
      try command.run(transaction)
      try requireTransaction()
      batch.done.append(command)
    } catch {
      try note(error, of: command, in: &batch)
      try startAgain()
    }
  }

  /// Runs commands, up to a full transaction, with a savepoint for each.
  private func runApart(_ commands: ArraySlice<any Command>, into batch: inout Batch) throws {
    for command in commands where !isFull {
      transaction.now = environment.now()
      do {
        try transaction.isolated { try command.run(transaction) }
        batch.done.append(command)
      } catch {
        try note(error, of: command, in: &batch)
        try requireTransaction(lostBecauseOf: error)
      }
    }
  }

  /// Runs repeatable commands, up to a full transaction, with one savepoint for all. Where one of them fails they are
  /// undone and run apart, and so are the next groups: whoever sends what fails is likely to send more of it.
  private func runTogether(_ commands: ArraySlice<any Command>, into batch: inout Batch) throws {
    var count = 0
    do {
      try transaction.isolated {
        for command in commands where !isFull {
          transaction.now = environment.now()
          count += 1
          try command.run(transaction)
          // What the next ones wrote would be on disk at once, and alone.
          try requireTransaction()
        }
      }
      batch.done += commands.prefix(count)
    } catch {
      groupsToRunApart = GroupCommit.groupsApartAfterFailure
      if database.isInsideTransaction { return try runApart(commands, into: &batch) }
      // The last one has taken the whole transaction along, and the others hear so; none has, where not even the
      // savepoint could be begun.
      if let last = commands.prefix(count).last {
        batch.done += commands.prefix(count - 1)
        try note(error, of: last, in: &batch)
      }
      try requireTransaction(lostBecauseOf: error)
    }
  }

  /// Keeps a command's error for it.
  /// - Throws: where it is the end of the store.
  private func note(_ error: any Error, of command: any Command, in batch: inout Batch) throws {
    let error = outward(error)
    batch.failures.append((command, error))
    guard let error = error as? StoreError else { return }
    if error.isFatal { throw error }
    environment.state.didFail(error)
  }

  /// - Throws: where the transaction is gone, and with it what others did in it.
  private func requireTransaction(lostBecauseOf cause: (any Error)? = nil) throws {
    guard !database.isInsideTransaction else { return }
    if let cause = cause.map(outward) as? StoreError { throw cause }
    let reason = cause.map { "\($0)" } ?? "a command ended the transaction that it shares with others"
    throw StoreError(.rolledBack, "nothing was changed, because the transaction was rolled back: \(reason)")
  }

  /// Undoes a lone command.
  private func startAgain() throws {
    for journal in transaction.journals { journal.builder.abandon() }
    if database.isInsideTransaction { try rollback.run() }
    try begin.run()
    try transaction.rereadOwnership()
  }

  private func didCommit(_ frames: [RecordFrame], _ batch: Batch, took duration: Duration) {
    for journal in transaction.journals { journal.builder.accept() }
    // Heads move after the frames are on their way, so that no heartbeat announces what nobody could have seen yet.
    if !frames.isEmpty { environment.onCommit(frames) }
    let heads = frames.isEmpty ? nil : transaction.journals.map(\.builder.head)
    if let ownership = transaction.acceptOwnership() { environment.state.didChange(ownership) }
    let recordCount = frames.reduce(0) { $0 + $1.header.recordCount }
    environment.state.didCommit(heads: heads, provesRoom: log.hasGrown) { statistics in
      statistics.commits += 1
      statistics.commands += UInt64(batch.done.count)
      statistics.failedCommands += UInt64(batch.failures.count)
      statistics.records += UInt64(recordCount)
      statistics.writeAheadLogPages = log.pages
    }
    let meters = environment.meters
    meters.commitDuration.recordNanoseconds(
      duration.components.attoseconds / 1_000_000_000 + duration.components.seconds * 1_000_000_000
    )
    meters.commandsPerCommit.record(batch.count)
    meters.journalBytesPerCommit.record(frames.reduce(0) { $0 + $1.bytes.count })
    meters.records.increment(by: recordCount)
    if !batch.failures.isEmpty { meters.failedCommands.increment(by: batch.failures.count) }
  }

  /// Rolls back a transaction that could not be committed.
  /// - Returns: what to tell the commands that were in it.
  private func abandon(_ error: any Error) -> StoreError {
    for journal in transaction.journals { journal.builder.abandon() }
    var failure = wrapped(error)
    do {
      // Where there was no room on the disk, SQLite has rolled back by itself.
      if database.isInsideTransaction { try rollback.run() }
      try transaction.rereadOwnership()
    } catch {
      failure = StoreError(.failed, "\(failure.message); and rolling back failed as well: restart the service")
    }
    environment.state.didFailToCommit(failure)
    environment.meters.failedCommits.increment()
    environment.configuration.logger.error(
      "transaction not committed",
      metadata: ["code": "\(failure.code.rawValue)", "reason": "\(failure.message)"]
    )
    return failure
  }

  private func checkpointIfDue() {
    do {
      guard try log.checkpointIfDue() else { return }
      environment.state.didCheckpoint()
      if environment.configuration.checkpoints == .external {
        environment.configuration.logger.warning(
          "nobody copies the write-ahead log into the store, as the setting 'checkpoints' says somebody would",
          metadata: ["pages": "\(log.pages)"]
        )
      }
    } catch {
      let failure = wrapped(error)
      environment.state.didFail(failure)
      environment.configuration.logger.error(
        "checkpoint failed",
        metadata: ["code": "\(failure.code.rawValue)", "reason": "\(failure.message)"]
      )
    }
  }

  private func wrapped(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as DatabaseError: StoreError(error, at: environment.configuration.path)
    default: StoreError(.rolledBack, "nothing was changed: \(error)")
    }
  }

  /// What a command's caller is told: its own errors as they are, the disk's with advice.
  private func outward(_ error: any Error) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    let known = StoreError(error, at: environment.configuration.path)
    return known.isFatal || known.code == .diskFull ? known : error
  }
}
