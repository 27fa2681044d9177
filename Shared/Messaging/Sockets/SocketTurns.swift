import Glibc
import Synchronization

/// Who may use the sockets: their thread while it is awake, anybody for one driver's tick while it sleeps. A libzmq
/// socket may change hands with a full memory barrier between (zmq_socket(3), "Thread safety"); the lock is one.
final class SocketTurns: Sendable {
  private let loop = Mutex<SocketLoop?>(nil)
  /// `pthread_self` of whoever has the turn; 0 for nobody.
  private let holder = Atomic<UInt>(0)

  /// Whether the caller is within a turn of its own.
  var isHeldByCaller: Bool { holder.load(ordering: .relaxed) == UInt(pthread_self()) }

  func begin(_ make: () throws(ZeroMQError) -> sending SocketLoop) throws(ZeroMQError) {
    try loop.withLock { loop throws(ZeroMQError) in loop = try make() }
  }

  /// Closes what is still open, and frees the context.
  func end() { loop.withLock { $0 = nil } }

  /// The thread's turn; waits for somebody's who has one just now.
  /// - Returns: whether there is to be another.
  func take(_ sleep: inout SocketSleep) -> Bool {
    loop.withLock { loop in holding { loop?.turn(&sleep) ?? false } }
  }

  /// A driver's tick, unless somebody else has the turn.
  /// - Returns: whether the thread has to be woken; nil where nothing was done.
  func help(_ driver: Int) -> Bool? {
    loop.withLockIfAvailable { loop in
      guard let loop else { return nil }
      // For the same reason as on the thread: libzmq 4.3.4 can lose a wake-up to a signal.
      return blockingSignals { holding { loop.help(driver) } }
    } ?? nil
  }

  private func holding<Result>(_ body: () -> Result) -> Result {
    holder.store(UInt(pthread_self()), ordering: .relaxed)
    defer { holder.store(0, ordering: .relaxed) }
    return body()
  }
}

/// Runs `body` with all signals blocked for the calling thread.
func blockingSignals<Result>(_ body: () -> Result) -> Result {
  var all = sigset_t()
  var previous = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, &previous)
  defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
  return body()
}
