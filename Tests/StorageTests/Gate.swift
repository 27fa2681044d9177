import Dispatch
import Storage
import Synchronization

/// Holds a store's writer in a command until others have lined up behind it, so that a test decides what shares a
/// commit.
final class Gate: Sendable {
  private struct Contents {
    var outcomes: [(any Error)?] = []
    var expected = 0
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let contents = Mutex(Contents())
  private let semaphore = DispatchSemaphore(value: 0)

  /// Runs `body` while the writer is held, lets it go, and waits for all that was submitted.
  /// - Returns: each command's error, nil where it succeeded, in the order in which they were told.
  @discardableResult
  func holding(_ store: Store, _ body: () throws -> Void) async throws -> [(any Error)?] {
    let (started, start) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    try store.submit(
      { [semaphore] _ in
        start.finish()
        semaphore.wait()
      },
      completion: { _ in }
    )
    for await _ in started {}
    do {
      try body()
    } catch {
      semaphore.signal()
      throw error
    }
    semaphore.signal()
    await withCheckedContinuation { waiter in
      let isDone = contents.withLock { contents in
        let isDone = contents.outcomes.count == contents.expected
        if !isDone { contents.waiter = waiter }
        return isDone
      }
      if isDone { waiter.resume() }
    }
    return contents.withLock { $0.outcomes }
  }

  /// Submits a command whose outcome `holding` waits for.
  func submit<Value: Sendable>(
    to store: Store,
    as repetition: Repetition = .once,
    _ body: @escaping @Sendable (Transaction) throws -> Value
  ) throws {
    try store.submit(as: repetition, body) { [self] result in
      let waiter = contents.withLock { contents in
        switch result {
        case .success: contents.outcomes.append(nil)
        case .failure(let error): contents.outcomes.append(error)
        }
        guard contents.outcomes.count == contents.expected else { return nil as CheckedContinuation<Void, Never>? }
        defer { contents.waiter = nil }
        return contents.waiter
      }
      waiter?.resume()
    }
    contents.withLock { $0.expected += 1 }
  }
}
