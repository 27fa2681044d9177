import CZeroMQ
import Glibc

/// The inside of the socket thread: the context, the drivers, and the turn that serves them.
///
/// Not Sendable: drivers meet it only as an argument, and whoever holds the turn has it to itself.
package final class SocketLoop {
  private struct Resident {
    let handle: DriverHandle
    let driver: any SocketDriver
  }

  /// How many messages a driver should read before it lets the others have their turn.
  package static let roundLimit = 256
  /// How many steps, one leading to the next, calls may take before the sockets are looked at again.
  private static let jobRounds = 64
  /// The longest sleep, so that a wake-up lost inside libzmq 4.3.4 costs no more than this.
  static let longestSleep = Duration.milliseconds(250)

  private let context: ZeroMQContext
  private let mailbox: ThreadMailbox
  private var residents: [Int: Resident] = [:]
  private var watches: [SocketWatch] = []
  /// Counts changes of `watches`.
  private var generation = 0
  /// When the thread is going to take its next turn by itself, at the latest.
  private var nextTurn = MonotonicInstant.now
  /// When every socket was looked at, whether its bell had rung or not.
  private var lastFullLook = MonotonicInstant.now
  /// Whose sockets are being opened just now.
  private var currentDriver = 0
  private var monitorCount = 0
  /// Whether somebody answers libzmq's question who may connect.
  var hasAuthenticator = false

  init(mailbox: ThreadMailbox) throws(ZeroMQError) {
    self.mailbox = mailbox
    context = try ZeroMQContext()
  }

  /// Opens a socket for the driver that is being built or called; it is watched under `tag` from now on.
  package func open(_ kind: SocketKind, _ options: SocketOptions, tag: Int) throws(ZeroMQError) -> Socket {
    // libzmq would let nobody in then, which is safe, but of no use to anyone.
    guard !options.security.needsAuthenticator || hasAuthenticator else { throw ZeroMQError(.open, .noAuthenticator) }
    let watch = SocketWatch(driver: currentDriver, tag: tag)
    let socket = try Socket.open(kind, in: context, options: options, watch: watch)
    watches.append(watch)
    generation += 1
    return socket
  }

  /// Follows a socket's connections; the events are read off the monitor when `tag` is readable.
  package func monitor(_ socket: borrowing Socket, tag: Int) throws(ZeroMQError) -> SocketMonitor {
    monitorCount += 1
    let endpoint = try Endpoint("inproc://monitor-\(monitorCount)")
    try socket.startMonitor(at: endpoint, events: SocketMonitor.watchedEvents)
    let pair = try open(.pair, SocketOptions(), tag: tag)
    try pair.connect(endpoint)
    return SocketMonitor(pair)
  }

  // MARK: The thread's turn

  /// Serves the drivers once.
  /// - Parameter sleep: what the thread slept on; becomes what it is to sleep on next.
  /// - Returns: false when it is to stop; the drivers have been stopped then.
  func turn(_ sleep: inout SocketSleep) -> Bool {
    ring(after: sleep)
    let commands = mailbox.takeCommands()
    for command in commands where !command.isStop { perform(command) }
    if commands.contains(where: \.isStop) {
      for id in residents.keys.sorted() { remove(id, because: nil) }
      return false
    }
    let mayHaveMore = dispatch()
    mailbox.runJobs(rounds: SocketLoop.jobRounds)
    _ = mailbox.takeWantedTick()
    let nextTick = tick(.now)
    sleep.prepare(for: watches, generation: generation)
    let now = MonotonicInstant.now
    nextTurn = min(nextTick ?? now + SocketLoop.longestSleep, now + SocketLoop.longestSleep)
    sleep.span = nextTurn - now
    if mayHaveMore || hasNews() || mailbox.takeWantedTick() || !mailbox.beginSleep() { sleep.span = .zero }
    return true
  }

  /// Marks the sockets whose bells have rung, or may have.
  private func ring(after sleep: SocketSleep) {
    watches.removeAll { watch in
      if watch.raw == nil { generation += 1 }
      return watch.raw == nil
    }
    let now = MonotonicInstant.now
    let knowsWhich = sleep.generation == generation && now - lastFullLook < SocketLoop.longestSleep
    if !knowsWhich { lastFullLook = now }
    for (index, watch) in watches.enumerated() where !knowsWhich || sleep.hasRung(index) { watch.isTouched = true }
  }

  /// Lets drivers read and write what can be.
  /// - Returns: whether one has left something for its next turn.
  private func dispatch() -> Bool {
    var mayHaveMore = false
    // By index: a driver that is called may open sockets, and those come last.
    for index in 0..<watches.count {
      let watch = watches[index]
      let events = watch.takeEvents()
      guard events != 0 else { continue }
      call(watch.driver) { driver throws(ZeroMQError) in
        if events & ZMQ_POLLOUT != 0 { try driver.writable(watch.tag, on: self) }
        if events & ZMQ_POLLIN != 0, try driver.readable(watch.tag, on: self) { mayHaveMore = true }
      }
    }
    return mayHaveMore
  }

  /// Whether a socket is ready for something, after what was done in this turn. It stays marked then.
  private func hasNews(of driver: Int? = nil) -> Bool {
    var hasNews = false
    for watch in watches where driver == nil || watch.driver == driver {
      guard watch.takeEvents() != 0 else { continue }
      watch.isTouched = true
      hasNews = true
    }
    return hasNews
  }

  private func perform(_ command: ThreadCommand) {
    switch command {
    case .attach(let handle, let build, _):
      currentDriver = handle.id
      if let driver = build(self) {
        residents[handle.id] = Resident(handle: handle, driver: driver)
        call(handle.id) { driver throws(ZeroMQError) in try driver.wake(on: self) }
      }
    case .wake(let handle):
      handle.clearWake()
      call(handle.id) { driver throws(ZeroMQError) in try driver.wake(on: self) }
    case .detach(let handle, let done):
      remove(handle.id, because: nil)
      done()
    case .stop: break
    }
  }

  private func tick(_ now: MonotonicInstant) -> MonotonicInstant? {
    var earliest: MonotonicInstant?
    for id in residents.keys {
      guard let next = tick(id, now) else { continue }
      earliest = min(earliest ?? next, next)
    }
    return earliest
  }

  private func tick(_ id: Int, _ now: MonotonicInstant) -> MonotonicInstant? {
    var next: MonotonicInstant?
    call(id) { driver throws(ZeroMQError) in next = try driver.tick(now, on: self) }
    return next
  }

  // MARK: Somebody else's turn

  /// Ticks one driver while the thread sleeps.
  /// - Returns: whether the thread has to be woken, for what it doesn't know of yet; nil where nothing was done, because
  ///   the thread is overdue: a driver that is ticked before it could read takes its peers for silent.
  func help(_ driver: Int) -> Bool? {
    let now = MonotonicInstant.now
    guard now < nextTurn else { return nil }
    let generationBefore = generation
    let next = tick(driver, now)
    let isSooner = next.map { $0 < nextTurn } ?? false
    // Asked for each, as asking is what resets it: another driver, or this one after it had sent, wants a tick.
    let (wantsTick, hasNews) = (mailbox.takeWantedTick(), hasNews(of: driver))
    return isSooner || generation != generationBefore || wantsTick || hasNews
  }

  // MARK: Drivers

  private func call(_ id: Int, _ body: (any SocketDriver) throws(ZeroMQError) -> Void) {
    guard let resident = residents[id] else { return }
    currentDriver = id
    do throws(ZeroMQError) {
      try body(resident.driver)
    } catch {
      remove(id, because: error)
    }
  }

  private func remove(_ id: Int, because error: ZeroMQError?) {
    guard let resident = residents.removeValue(forKey: id) else { return }
    currentDriver = id
    // Its sockets close as it goes. Should that be in somebody else's turn, the thread has to hear of it.
    generation += 1
    resident.driver.stop(because: error, on: self)
  }
}
