import CZeroMQ
import Glibc

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

  /// What the ZAP handler called the sender (RFC 27, user id); nil on sockets without one.
  ///
  /// On a ROUTER, ask the payload: libzmq 4.3.4 loses what belongs to the first part, the identity, now and then.
  package var userID: String? {
    zmq_msg_gets(raw, "User-Id").map { String(cString: $0) }
  }

  /// Whether the sender is `userID`, without making a String of it for each message.
  package borrowing func isFrom(_ userID: [CChar]) -> Bool {
    guard let actual = zmq_msg_gets(raw, "User-Id") else { return false }
    return strcmp(actual, userID) == 0
  }

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
