/// What a sender may still send on a call.
///
/// A message may overdraw the bytes: were it held back until they suffice, one larger than the window would wait for
/// ever.
struct CreditWindow: Sendable, Equatable {
  private(set) var messages: Int64
  private(set) var bytes: Int64

  init(_ credit: StreamCredit) {
    messages = Int64(credit.messages)
    bytes = Int64(credit.bytes)
  }

  var allowsMessage: Bool { messages > 0 && bytes > 0 }

  mutating func spend(messageOf byteCount: Int) {
    messages -= 1
    bytes -= Int64(byteCount)
  }

  mutating func add(_ credit: StreamCredit) {
    // A peer that gives without end reaches a ceiling instead of an overflow.
    messages = min(messages + Int64(credit.messages), Int64(UInt32.max))
    bytes = min(bytes + Int64(credit.bytes), Int64(UInt32.max))
  }

  /// Replaces the window that was assumed when sending began by the one that was granted.
  mutating func replace(assumed: StreamCredit, by granted: StreamCredit) {
    messages += Int64(granted.messages) - Int64(assumed.messages)
    bytes += Int64(granted.bytes) - Int64(assumed.bytes)
  }
}

/// The receiver's side of a window: sees that it is kept, and returns it as messages are taken.
struct CreditMeter: Sendable, Equatable {
  private let window: StreamCredit
  /// Received and not yet given back.
  private var outstandingMessages: UInt32 = 0
  private var takenMessages: UInt32 = 0
  private var takenBytes = 0

  init(_ window: StreamCredit) {
    self.window = window
  }

  /// - Returns: whether the sender had leave to send this message. Bytes may be overdrawn, so only messages tell.
  mutating func receive() -> Bool {
    guard outstandingMessages < window.messages else { return false }
    outstandingMessages += 1
    return true
  }

  /// - Returns: credit to send, once half the window has been taken; smaller top-ups would cost more than they bring.
  mutating func take(messageOf byteCount: Int) -> StreamCredit? {
    takenMessages += 1
    takenBytes += byteCount
    guard takenMessages >= (window.messages + 1) / 2 || takenBytes >= Int(window.bytes / 2) else { return nil }
    let credit = StreamCredit(messages: takenMessages, bytes: UInt32(clamping: takenBytes))
    outstandingMessages -= takenMessages
    takenMessages = 0
    takenBytes = 0
    return credit
  }
}
