import Contracts
package import Storage
import Synchronization

/// The directory as the intake has it at hand: read from the store's replica when needed, kept until it changes.
package final class DirectoryReplica: Sendable {
  package struct Loaded: Sendable {
    package var snapshot: DirectorySnapshot
    fileprivate var generation: Int
    fileprivate var loadedAt: ContinuousClock.Instant
  }

  private struct State {
    /// Counts the changes that were heard of.
    var generation = 0
    var loaded: Loaded?
  }

  private let state = Mutex(State())

  /// How old a snapshot must be to be read again for a name that it doesn't know: strangers who send unknown names
  /// must not make the store work for each.
  private static let leastAge = Duration.milliseconds(250)

  package init() {}

  /// The directory has changed: what is in memory is read again before it is next used.
  package func didChange() {
    state.withLock { $0.generation += 1 }
  }

  package func current(from store: Store) async throws -> Loaded {
    let (generation, loaded) = state.withLock { ($0.generation, $0.loaded) }
    if let loaded, loaded.generation == generation { return loaded }
    return try await load(from: store, generation)
  }

  /// - Returns: nil where reading again is not likely to show anything that `loaded` doesn't.
  package func renewed(_ loaded: Loaded, from store: Store) async throws -> Loaded? {
    let generation = state.withLock { $0.generation }
    guard generation != loaded.generation || ContinuousClock.now - loaded.loadedAt > DirectoryReplica.leastAge else {
      return nil
    }
    return try await load(from: store, generation)
  }

  private func load(from store: Store, _ generation: Int) async throws -> Loaded {
    let start = ContinuousClock.now
    let snapshot = try await store.read { try DirectoryRows.snapshot($0) }
    let loaded = Loaded(snapshot: snapshot, generation: generation, loadedAt: start)
    state.withLock { state in
      if state.loaded.map({ $0.loadedAt < start }) ?? true { state.loaded = loaded }
    }
    return loaded
  }
}
