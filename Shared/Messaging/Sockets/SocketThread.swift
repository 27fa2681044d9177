import CZeroMQ
import Glibc
import Synchronization

/// The one thread of a process that owns the ZeroMQ context and every socket.
///
/// A libzmq socket is used by one thread at a time, and a hop per message between actors costs ten times the message. So
/// what needs sockets becomes a `SocketDriver` here, and hands whole batches to and fro. A process needs one; tests may
/// have many.
package final class SocketThread: Sendable {
  private let mailbox: ThreadMailbox
  private let nextDriver = Atomic<Int>(1)

  /// Starts the thread.
  /// - Throws: `ZeroMQError` when the system gives no thread or no eventfd.
  package init() throws(ZeroMQError) {
    mailbox = try ThreadMailbox()
    try startThread(serving: mailbox)
  }

  deinit {
    mailbox.post(.stop)
  }

  /// Brings a driver to life: `build` runs on the thread, opens sockets, and returns the driver with whatever the
  /// caller wants to know, such as the endpoint that was bound.
  /// - Throws: what `build` throws, or `threadStopped`.
  package func attach<Value: Sendable>(
    _ build: @escaping @Sendable (SocketLoop) throws(ZeroMQError) -> (driver: any SocketDriver, value: Value)
  ) async throws(ZeroMQError) -> (handle: DriverHandle, value: Value) {
    let handle = makeHandle()
    return (handle, try await attach(as: handle, build))
  }

  /// A handle for a driver that comes later; waking it before then does nothing.
  package func makeHandle() -> DriverHandle {
    DriverHandle(id: nextDriver.add(1, ordering: .relaxed).oldValue, thread: self)
  }

  /// Brings a driver to life under a handle that nobody has used for one yet.
  @discardableResult
  package func attach<Value: Sendable>(
    as handle: DriverHandle,
    _ build: @escaping @Sendable (SocketLoop) throws(ZeroMQError) -> (driver: any SocketDriver, value: Value)
  ) async throws(ZeroMQError) -> Value {
    let outcome: Result<Value, ZeroMQError> = await withCheckedContinuation { continuation in
      let refuse: @Sendable () -> Void = {
        continuation.resume(returning: .failure(ZeroMQError(.open, .threadStopped)))
      }
      let command = ThreadCommand.attach(
        handle,
        { loop in
          do throws(ZeroMQError) {
            let (driver, value) = try build(loop)
            continuation.resume(returning: .success(value))
            return driver
          } catch {
            continuation.resume(returning: .failure(error))
            return nil
          }
        },
        refused: refuse
      )
      if !mailbox.post(command) { refuse() }
    }
    return try outcome.get()
  }

  /// Stops every driver, closes every socket and frees the context.
  /// - Returns: whether that was over within `limit`. If not, the thread is left to itself: nothing of it is needed
  ///   for correctness, and the process may end.
  @discardableResult
  package func stop(within limit: Duration = .seconds(2)) async -> Bool {
    mailbox.post(.stop)
    let mailbox = self.mailbox
    return await withCheckedContinuation { continuation in
      let race = OnceOnly(continuation)
      let alarm = Task {
        try await Task.sleep(for: limit)
        race.resume(returning: false)
      }
      Task {
        await mailbox.waitUntilFinished()
        race.resume(returning: true)
        alarm.cancel()
      }
    }
  }

  /// Runs steps of tasks on the thread, between its turns at the sockets: a call that is made or answered there is
  /// spared a change of threads each way. For steps that neither block nor compute much, since every peer waits for
  /// them. Valid as long as somebody holds the thread.
  package var executor: any TaskExecutor { mailbox }

  fileprivate func wantTickIfCurrent() -> Bool { mailbox.wantTickIfCurrent() }

  fileprivate func help(_ driver: Int) -> Bool { mailbox.help(driver) }

  fileprivate func post(_ command: ThreadCommand) -> Bool { mailbox.post(command) }
}

/// A driver's address for the rest of the program. Holding it keeps the thread alive.
package final class DriverHandle: Sendable {
  let id: Int
  private let thread: SocketThread
  private let isWoken = Atomic<Bool>(false)

  init(id: Int, thread: SocketThread) {
    self.id = id
    self.thread = thread
  }

  /// Has the driver's `wake` called soon, once for any number of calls before it. Put things into the queue first.
  package func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    _ = thread.post(.wake(self))
  }

  /// Like `wake`, for a driver that does all its work in `tick`: on the thread itself, another turn is enough.
  package func nudge() {
    if !thread.wantTickIfCurrent() { wake() }
  }

  /// Like `nudge`, for what nothing else is going to follow soon: where the thread sleeps the caller does the driver's
  /// `tick` itself, as waking another thread may take longer than all the rest of a short call (decision 0012). Not to
  /// be called with a lock held.
  func hurry() {
    if !thread.help(id) { nudge() }
  }

  /// Stops the driver and closes its sockets; returns when that is done.
  package func detach() async {
    await withCheckedContinuation { continuation in
      if !thread.post(.detach(self, done: { continuation.resume() })) { continuation.resume() }
    }
  }

  /// Called by the thread before `wake`: whoever puts something in from here on will wake it again.
  func clearWake() {
    _ = isWoken.exchange(false, ordering: .acquiringAndReleasing)
  }
}

/// Starts a detached pthread that blocks all signals: libzmq 4.3.4 can lose a wake-up to one (fixed by 04720b6b).
private func startThread(serving mailbox: ThreadMailbox) throws(ZeroMQError) {
  var thread = pthread_t()
  let context = Unmanaged.passRetained(mailbox)
  // The new thread inherits the mask, so it is set around the creation and no signal can slip in before.
  let failure = blockingSignals { pthread_create(&thread, nil, socketThreadBody, context.toOpaque()) }
  guard failure == 0 else {
    context.release()
    throw ZeroMQError(.startThread, .system(failure))
  }
  pthread_detach(thread)
}

private func socketThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let mailbox = Unmanaged<ThreadMailbox>.fromOpaque(context).takeRetainedValue()
  groundswell_name_thread("sockets")
  serve(mailbox)
  mailbox.finished()
  return nil
}

/// Takes turn after turn until the mailbox says stop.
private func serve(_ mailbox: ThreadMailbox) {
  do throws(ZeroMQError) {
    try mailbox.turns.begin { () throws(ZeroMQError) in try SocketLoop(mailbox: mailbox) }
    var sleep = SocketSleep(bell: mailbox.eventDescriptor)
    while mailbox.turns.take(&sleep) { mailbox.endSleep(wasSignalled: sleep.wait()) }
  } catch {
    // Without a context there is nothing to serve.
  }
  mailbox.refuseCommands()
  mailbox.turns.end()
}
