import Contracts
package import CoreMetrics
package import GRDB
package import Logging

/// How a store is opened.
package struct StoreConfiguration: Sendable {
  /// The database file. Its directory is made when missing, open to the service's user only.
  package var path: String
  /// Which of the service's instances this is.
  package var instance: UInt16 = 0
  /// How the store is divided among instances; nil where each instance may write everything.
  package var partitioning: Partitioning?
  package var synchronous = Synchronous.full
  /// Connections for reading; each reads one thing at a time.
  package var readerCount = 4
  /// Commands that may wait. Further ones fail as `.overloaded`.
  package var inboxCapacity = 16_384
  /// Commands that share a commit. Above some hundreds, transactions at both ends of a stream no longer overlap and
  /// throughput falls.
  package var mostCommandsPerCommit = 500
  /// A commit is closed once its records have this many bytes.
  package var mostBytesPerCommit = 4 * 1024 * 1024
  /// Pages of 4 KiB that may gather in the write-ahead log before it is copied into the database.
  package var checkpointAfterPages = 1000
  /// Who copies the write-ahead log into the database.
  package var checkpoints = Checkpoints.own
  /// How long responses are kept for repeated requests.
  package var requestMemory = Duration.days(7)
  /// How long to wait for a lock that some other program holds on the file.
  package var busyTimeout = Duration.seconds(5)
  package var logger: Logger
  package var metrics: any MetricsFactory

  package init(path: String, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory) {
    self.path = path
    self.logger = logger
    self.metrics = metrics
  }

  /// Who copies the write-ahead log into the database. It must be one alone: see `WriteAheadLog`.
  package enum Checkpoints: String, Sendable, CaseIterable {
    /// The store's writer.
    case own
    /// A program that copies the log elsewhere, such as Litestream, and that holds the write lock meanwhile. The writer
    /// steps in only where the log has grown 64 times beyond `checkpointAfterPages`, which means that nobody is there.
    case external
  }

  /// When a commit counts as done.
  package enum Synchronous: String, Sendable {
    /// Once it is on the disk: it survives a power cut. The only choice for what is published.
    case full = "FULL"
    /// Once the operating system has it: a power cut takes back the latest commits. For what can be pulled again.
    case normal = "NORMAL"
  }
}

/// A step that brings a store's tables up to date. Steps are run once, in order; none is ever changed or removed.
package struct Migration: Sendable {
  /// Unique among the service's steps, e.g. `ranking.2`.
  package let identifier: String
  package let migrate: @Sendable (Database) throws -> Void

  package init(_ identifier: String, migrate: @escaping @Sendable (Database) throws -> Void) {
    self.identifier = identifier
    self.migrate = migrate
  }

  /// A step that is nothing but SQL.
  package init(_ identifier: String, sql: String) {
    self.init(identifier) { try $0.execute(sql: sql) }
  }
}
