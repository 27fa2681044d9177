/// What lives on the socket thread: it owns sockets, and its methods run one at a time: there, and `tick`, with `stop`
/// where that throws, also on the thread of somebody who hurries while this one sleeps.
///
/// A driver is built on the thread, and whoever has the turn has it alone, so it needs no lock. It meets the rest of the
/// program through queues of its own (a `Mutex` around whole batches) and `DriverHandle.wake()`. Nothing here may block.
///
/// One turn of the thread: `readable`/`writable` for the sockets that are, `wake` where somebody asked for it, then
/// `tick` for every driver, which is the place to send what the turn has gathered.
package protocol SocketDriver: AnyObject {
  /// The socket opened with `tag` has messages. Read a bounded number (about `SocketLoop.roundLimit`).
  /// - Returns: whether more may be waiting, in which case the thread comes back after the others had their turn.
  /// - Throws: what the driver can't live with; it is then stopped because of it.
  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool

  /// The socket opened with `tag`, which has `wantsWritable` set, can take messages again.
  func writable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError)

  /// Somebody called `DriverHandle.wake()` since the last time (or the driver has just been attached).
  func wake(on loop: SocketLoop) throws(ZeroMQError)

  /// The end of every turn.
  /// - Returns: when to be called again at the latest; nil if only sockets and wakes matter.
  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant?

  /// The last call: say goodbye to peers and release whoever waits. Sockets close when the driver is let go.
  /// - Parameter error: nil when it was detached or the thread stops.
  func stop(because error: ZeroMQError?, on loop: SocketLoop)
}

extension SocketDriver {
  package func writable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) {}
}
