import Records
import Synchronization

/// What the writer's thread tells everybody else. Written once per commit.
final class StoreState: Sendable {
  private struct Contents {
    var heads: [HeadVector]
    var ownership: Ownership
    var statistics = StoreStatistics()
    var health = StoreHealth.ready
    var isWriterDone = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let contents: Mutex<Contents>

  init(heads: [HeadVector], ownership: Ownership) {
    contents = Mutex(Contents(heads: heads, ownership: ownership))
  }

  var heads: [HeadVector] { contents.withLock { $0.heads } }
  var ownership: Ownership { contents.withLock { $0.ownership } }
  var statistics: StoreStatistics { contents.withLock { $0.statistics } }
  var health: StoreHealth { contents.withLock { $0.health } }

  /// The error after which nothing may be written any more.
  var failure: StoreError? {
    if case .failed(let error) = health { error } else { nil }
  }

  /// - Parameters:
  ///   - heads: nil where no record was written.
  ///   - provesRoom: whether anything was written; an empty commit says nothing about the disk.
  func didCommit(heads: [HeadVector]?, provesRoom: Bool, _ count: (inout StoreStatistics) -> Void) {
    contents.withLock { contents in
      if let heads { contents.heads = heads }
      if provesRoom, case .full = contents.health { contents.health = .ready }
      count(&contents.statistics)
    }
  }

  func didChange(_ ownership: Ownership) {
    contents.withLock { $0.ownership = ownership }
  }

  func didCheckpoint() {
    contents.withLock { $0.statistics.checkpoints += 1 }
  }

  func didFailToCommit(_ error: StoreError) {
    contents.withLock { $0.statistics.failedCommits += 1 }
    didFail(error)
  }

  /// Something went wrong that may be more than one command's own affair.
  func didFail(_ error: StoreError) {
    contents.withLock { contents in
      if error.isFatal {
        contents.health = .failed(error)
      } else if error.code == .diskFull, case .ready = contents.health {
        contents.health = .full(error)
      }
    }
  }

  func writerDidEnd() {
    let waiters = contents.withLock { contents in
      contents.isWriterDone = true
      contents.health = .closed
      defer { contents.waiters = [] }
      return contents.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func waitForWriter() async {
    await withCheckedContinuation { waiter in
      let isDone = contents.withLock { contents in
        if !contents.isWriterDone { contents.waiters.append(waiter) }
        return contents.isWriterDone
      }
      if isDone { waiter.resume() }
    }
  }
}
