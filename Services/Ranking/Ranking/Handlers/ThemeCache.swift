package import Contracts
package import GRDB
import Synchronization

/// Theme models in memory: a copy of what the store holds, kept only as long as it is known to be one.
///
/// Every change counts the stored version up. A copy whose version isn't the stored one, because a transaction was
/// rolled back or another process wrote, is read again before it is used. So nothing has to tell the cache what
/// became of a transaction.
package final class ThemeCache: Sendable {
  private let configuration: ThemeConfiguration
  private let copies = Mutex<[ID<Programme>: Copy]>([:])

  private struct Copy: Sendable {
    var model: ThemeModel
    var version: Int
    var lastUse: ContinuousClock.Instant
  }

  /// Programmes in memory at a time; the one that was used least recently makes room.
  static let mostCopies = 64

  package init(_ configuration: ThemeConfiguration = ThemeConfiguration()) {
    self.configuration = configuration
  }

  /// Works on a programme's model and stores what changed, in the transaction that `database` is in.
  ///
  /// Where `body` throws, the copy is dropped: the transaction takes the rest back.
  package func change<Value: Sendable>(
    _ programme: ID<Programme>,
    _ database: Database,
    _ body: (inout ThemeModel) throws -> Value
  ) throws -> Value {
    try copies.withLock { copies in
      // Taken out, so that it is changed in place and isn't there any more if something fails.
      var copy = try take(programme, database, from: &copies)
      let value = try body(&copy.model)
      copy.version += 1
      try ModelRows(database: database, programme: programme).save(copy.model, version: copy.version)
      copy.model.markSaved()
      copies[programme] = copy
      return value
    }
  }

  /// Asks a programme's model something, beside the writer: any copy will do, and none is kept.
  package func consult<Value: Sendable>(
    _ programme: ID<Programme>,
    _ database: Database,
    _ body: (ThemeModel) throws -> Value
  ) throws -> Value {
    let answer = try copies.withLock { copies in try copies[programme].map { try body($0.model) } }
    return try answer ?? body(ModelRows(database: database, programme: programme).load(configuration))
  }

  /// Asks a programme's model something, on the writer.
  package func read<Value: Sendable>(
    _ programme: ID<Programme>,
    _ database: Database,
    _ body: (ThemeModel) throws -> Value
  ) throws -> Value {
    try copies.withLock { copies in
      let copy = try take(programme, database, from: &copies)
      let value = try body(copy.model)
      copies[programme] = copy
      return value
    }
  }

  private func take(
    _ programme: ID<Programme>,
    _ database: Database,
    from copies: inout [ID<Programme>: Copy]
  ) throws -> Copy {
    let rows = ModelRows(database: database, programme: programme)
    let version = try rows.version()
    if var copy = copies.removeValue(forKey: programme), copy.version == version {
      copy.lastUse = .now
      return copy
    }
    if copies.count >= ThemeCache.mostCopies,
      let oldest = copies.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
    {
      copies[oldest] = nil
    }
    return Copy(model: try rows.load(configuration), version: version, lastUse: .now)
  }
}
