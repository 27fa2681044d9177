import CZeroMQ
import Glibc

/// The inside of the socket thread: the context, the drivers, and the turn that serves them.
///
/// Not Sendable: drivers meet it only as an argument, on the thread.
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
  private static let longestSleep = Duration.milliseconds(250)

  private let context: ZeroMQContext
  private let mailbox: ThreadMailbox
  private var residents: [Int: Resident] = [:]
  private var watches: [SocketWatch] = []
  private var pollItems: [zmq_pollitem_t] = []
  /// Whose sockets are being opened just now.
  private var currentDriver = 0
  private var monitorCount = 0
  private var hasUnreadMessages = false
  /// Whether somebody answers libzmq's question who may connect.
  var hasAuthenticator = false

  init(mailbox: ThreadMailbox) throws(ZeroMQError) {
    self.mailbox = mailbox
    context = try ZeroMQContext()
  }

  /// Opens a socket for the driver that is being built or called; it is polled under `tag` from now on.
  package func open(_ kind: SocketKind, _ options: SocketOptions, tag: Int) throws(ZeroMQError) -> Socket {
    // libzmq would let nobody in then, which is safe, but of no use to anyone.
    guard !options.security.needsAuthenticator || hasAuthenticator else { throw ZeroMQError(.open, .noAuthenticator) }
    let watch = SocketWatch(driver: currentDriver, tag: tag)
    let socket = try Socket.open(kind, in: context, options: options, watch: watch)
    watches.append(watch)
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

  // MARK: The turn

  /// Serves the drivers until the mailbox says stop, then stops them.
  func run() {
    while true {
      let commands = mailbox.takeCommands()
      for command in commands where !command.isStop { perform(command) }
      if commands.contains(where: \.isStop) { break }
      mailbox.runJobs(rounds: SocketLoop.jobRounds)
      _ = mailbox.takeWantedTick()
      let deadline = tick(.now)
      sleep(until: deadline)
    }
    for id in residents.keys.sorted() { remove(id, because: nil) }
    mailbox.refuseCommands()
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
      call(id) { driver throws(ZeroMQError) in
        guard let next = try driver.tick(now, on: self) else { return }
        earliest = min(earliest ?? next, next)
      }
    }
    return earliest
  }

  private func sleep(until deadline: MonotonicInstant?) {
    preparePollItems()
    var span = SocketLoop.longestSleep
    if let deadline { span = min(span, deadline - .now) }
    if hasUnreadMessages || mailbox.takeWantedTick() || !mailbox.beginSleep() { span = .zero }
    hasUnreadMessages = false
    let ready = pollItems.withUnsafeMutableBufferPointer { items in
      zmq_poll(items.baseAddress, Int32(items.count), Int(span.millisecondsRoundedUp))
    }
    mailbox.endSleep(wasSignalled: pollItems[0].revents != 0)
    // Only ETERM and EFAULT can come here, and neither while this thread owns the context; EINTR means "look again".
    guard ready > 0 else { return }
    for index in 1..<pollItems.count where pollItems[index].revents != 0 {
      dispatch(watches[index - 1], events: pollItems[index].revents)
    }
  }

  private func dispatch(_ watch: SocketWatch, events: Int16) {
    guard watch.raw != nil else { return }
    call(watch.driver) { driver throws(ZeroMQError) in
      if events & Int16(ZMQ_POLLOUT) != 0, watch.wantsWritable { try driver.writable(watch.tag, on: self) }
      if events & Int16(ZMQ_POLLIN) != 0, try driver.readable(watch.tag, on: self) { hasUnreadMessages = true }
    }
  }

  /// Rebuilt every turn: a few dozen stores, against bookkeeping that could go wrong.
  private func preparePollItems() {
    watches.removeAll { $0.raw == nil }
    pollItems.removeAll(keepingCapacity: true)
    pollItems.append(zmq_pollitem_t(socket: nil, fd: mailbox.eventDescriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    for watch in watches {
      let events = watch.wantsWritable ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN
      pollItems.append(zmq_pollitem_t(socket: watch.raw, fd: 0, events: Int16(events), revents: 0))
    }
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
    resident.driver.stop(because: error, on: self)
  }
}
