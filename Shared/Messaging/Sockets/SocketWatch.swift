import CZeroMQ

/// A socket's place among those that the loop waits for; outlives the socket, so that closing needs no ceremony.
final class SocketWatch {
  let driver: Int
  let tag: Int
  /// Nil once the socket is closed.
  private(set) var raw: UnsafeMutableRawPointer?
  /// What turns readable when the socket has news. It is no more than a bell, and whatever is done with the socket may
  /// silence it, so `takeEvents` tells, and has to be asked after everything that was done (zmq_getsockopt(3), ZMQ_FD).
  private(set) var descriptor: Int32 = -1
  var wantsWritable = false
  /// Whether something was done with the socket, or its bell rang, since `takeEvents` was asked the last time.
  var isTouched = true

  init(driver: Int, tag: Int) {
    self.driver = driver
    self.tag = tag
  }

  func open(_ raw: UnsafeMutableRawPointer) {
    self.raw = raw
    var count = MemoryLayout<Int32>.size
    // Can't fail for an open socket. Were it to, the longest sleep would bound what it costs.
    zmq_getsockopt(raw, ZMQ_FD, &descriptor, &count)
  }

  func close() { raw = nil }

  /// What the socket is ready for, of what its driver wants; 0 where nothing was done with it since the last time.
  func takeEvents() -> Int32 {
    guard isTouched, let raw else { return 0 }
    isTouched = false
    var events: Int32 = 0
    var count = MemoryLayout<Int32>.size
    // As for `descriptor`.
    zmq_getsockopt(raw, ZMQ_EVENTS, &events, &count)
    return events & (wantsWritable ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN)
  }
}
