import Contracts
import Foundation
import GRDB
import Logging
import Records

/// What the writer's thread works with.
struct WriterEnvironment: Sendable {
  let configuration: StoreConfiguration
  let inbox: CommandInbox
  let state: StoreState
  let meters: StoreMeters
  let onCommit: @Sendable ([RecordFrame]) -> Void
  let now: @Sendable () -> Timestamp
}

/// A thread that writes, and takes the steps of tasks that lead from one write to the next. Not a task: while it waits
/// for the disk it would hold one of the few threads that all tasks share.
enum WriterThread {
  /// Starts the thread. It ends once the inbox is closed and everything in it is done, and then closes the store.
  static func start(_ opened: OpenedStore, environment: WriterEnvironment) {
    let (pool, lock) = (opened.pool, opened.lock)
    let thread = Thread {
      do {
        // The connection belongs to this thread for the whole run, so that no commit pays for a change of queues.
        try pool.writeWithoutTransaction { database in
          let group = try GroupCommit(
            database,
            heads: opened.heads,
            ownership: opened.ownership,
            environment: environment
          )
          defer { group.end() }
          while let commands = environment.inbox.take(atMost: environment.configuration.mostCommandsPerCommit) {
            group.execute(commands)
          }
        }
      } catch {
        refuseAll(because: error, environment)
      }
      close(pool, environment)
      lock.release()
      environment.state.writerDidEnd()
    }
    thread.name = "store-writer"
    thread.stackSize = 8 * 1024 * 1024
    thread.start()
  }

  /// Statements that can't even be prepared mean that the file has changed since it was opened.
  private static func refuseAll(because error: any Error, _ environment: WriterEnvironment) {
    let failure = StoreError(.failed, "the store can't be written (\(error)): restart the service")
    environment.state.didFail(failure)
    environment.configuration.logger.error("writer stopped", metadata: ["reason": "\(error)"])
    while let commands = environment.inbox.take(atMost: .max) {
      for command in commands { command.fail(failure) }
    }
  }

  /// Readers first: the last connection to close copies the write-ahead log into the database, and that has to be the
  /// one that writes.
  private static func close(_ pool: DatabasePool, _ environment: WriterEnvironment) {
    pool.releaseMemory()
    do {
      try pool.close()
    } catch {
      environment.configuration.logger.warning("store not closed cleanly", metadata: ["reason": "\(error)"])
    }
  }
}
