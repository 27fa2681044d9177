import Glibc

/// What the socket thread sleeps on, and what woke it: the mailbox's bell first, then each socket's.
struct SocketSleep {
  /// Which set of sockets these are.
  private(set) var generation = -1
  /// How long at most.
  var span = Duration.zero
  private var items: [pollfd]

  /// - Parameter bell: the descriptor of the mailbox.
  init(bell: Int32) {
    items = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
  }

  mutating func prepare(for watches: [SocketWatch], generation: Int) {
    guard generation != self.generation else { return }
    self.generation = generation
    items.removeSubrange(1...)
    items += watches.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
  }

  /// Sleeps.
  /// - Returns: whether the mailbox's bell rang.
  mutating func wait() -> Bool {
    let milliseconds = span.millisecondsRoundedUp
    // A signal is a reason to look again, and so is whatever else can go wrong here.
    let count = items.withUnsafeMutableBufferPointer { poll($0.baseAddress, nfds_t($0.count), milliseconds) }
    if count < 0 { for index in items.indices { items[index].revents = 0 } }
    return items[0].revents != 0
  }

  /// Whether a socket's bell rang.
  func hasRung(_ index: Int) -> Bool { items[index + 1].revents != 0 }
}
