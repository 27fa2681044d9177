import CZeroMQ
import Glibc

/// A libzmq context: its I/O thread and the home of its sockets. One a process, owned by the socket thread.
struct ZeroMQContext: ~Copyable {
  let raw: UnsafeMutableRawPointer

  init() throws(ZeroMQError) {
    FreedMemory.keep()
    guard let raw = zmq_ctx_new() else { throw .last(.openContext) }
    self.raw = raw
    // A socket that nobody configured must not hold up the end of the process.
    zmq_ctx_set(raw, ZMQ_BLOCKY, 0)
    zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, 8192)
  }

  /// Waits until every socket is closed and its linger has passed, then frees the context.
  ///
  /// That may take for ever when a socket stays open, so the socket thread lets go of its context as the very last
  /// thing it does, and whoever waits for the thread does so with a deadline.
  deinit {
    zmq_ctx_shutdown(raw)
    while zmq_ctx_term(raw) != 0 && zmq_errno() == EINTR {}
  }
}
