import Foundation
import Synchronization

/// A TCP relay on loopback, between a service and those who look for it, that fails as networks do.
final class FaultyLink: Sendable {
  enum Condition: Sendable, CaseIterable {
    case sound
    /// Connections are reset, and new ones refused.
    case cut
    /// No byte passes, and no connection is closed: all comes late.
    case stalled
  }

  /// What a relay is to do from now on.
  struct Orders: Sendable {
    var condition = Condition.sound
    /// How often the connections of that moment were to be forgotten.
    var forgets = 0
    var isClosed = false
  }

  private let orders = Mutex(Orders())
  private let bell: Int32
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - port: where it listens.
  ///   - target: the port that it passes connections on to.
  init(from port: Int, to target: Int) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    for end in ends { LinkRelay.prepare(end) }
    bell = ends[1]
    let reading = ends[0]
    let listener = try LinkRelay.listen(at: port)
    let thread = Thread { [self] in
      var relay = LinkRelay(from: port, to: target, listener: listener, bell: reading)
      while true {
        let orders = self.orders.withLock { $0 }
        guard !orders.isClosed else { break }
        relay.turn(orders)
      }
      relay.end()
      ended.signal()
    }
    thread.name = "link-\(port)"
    thread.start()
  }

  func become(_ condition: Condition) { order { $0.condition = condition } }

  /// From now on what either side sends over the connections of this moment vanishes, and neither side is told, as
  /// when something on the way has lost its state. New connections are sound.
  func forgetConnections() { order { $0.forgets += 1 } }

  /// Ends the relay with all its connections. To be called once.
  func close() {
    order { $0.isClosed = true }
    ended.wait()
    _ = Foundation.close(bell)
  }

  private func order(_ change: (inout Orders) -> Void) {
    orders.withLock { change(&$0) }
    // A pipe that is full has not been read yet, so the relay will look anyway.
    _ = write(bell, "!", 1)
  }
}
