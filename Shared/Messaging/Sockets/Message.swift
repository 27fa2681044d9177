import CZeroMQ

/// A buffer that messages are received into, one after the other; its bytes live until the next receive.
///
/// The `zmq_msg_t` sits on the heap because short messages are stored inside it and may not move while borrowed.
package struct Message: ~Copyable {
  let raw: UnsafeMutablePointer<zmq_msg_t>

  package init() {
    raw = .allocate(capacity: 1)
    raw.initialize(to: zmq_msg_t())
    zmq_msg_init(raw)
  }

  deinit {
    zmq_msg_close(raw)
    raw.deallocate()
  }

  package var count: Int { zmq_msg_size(raw) }

  /// Whether further parts of the same message follow.
  package var hasMore: Bool { zmq_msg_more(raw) != 0 }

  /// Lends the bytes for the length of the call.
  package borrowing func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: zmq_msg_data(raw), count: zmq_msg_size(raw)))
  }

  /// A copy of the bytes.
  package borrowing func copy() -> [UInt8] {
    withUnsafeBytes { Array($0) }
  }
}
