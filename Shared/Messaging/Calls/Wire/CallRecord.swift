import GRPCCore

/// One record of a calls frame: to which call it belongs and what it says. Byte for byte in WIRE.md.
struct CallRecord: Sendable, Equatable {
  /// Chosen by the client, never used twice on a connection; 0 is the connection itself.
  var call: UInt64
  var content: CallContent

  init(_ call: UInt64, _ content: CallContent) {
    self.call = call
    self.content = content
  }

  /// What concerns the connection.
  static func connection(_ content: CallContent) -> CallRecord { CallRecord(0, content) }
}

/// What a record says.
enum CallContent: Sendable, Equatable {
  case open(OpenRecord)
  case headers(Metadata)
  /// `closes`: the sender's last message, so that no END has to follow.
  case message([UInt8], closes: Bool)
  case end
  case status(Status, Metadata)
  case cancel
  case credit(StreamCredit)
  case hello(version: UInt32)
  case welcome(WelcomeRecord)
  case ping
  case pong
  case goAway
  case goodbye
}

/// The beginning of a call.
struct OpenRecord: Sendable, Equatable {
  /// `service/Method`.
  var method: String
  /// How long the caller is going to wait, nil for ever. A duration, because clocks of two machines differ.
  var remaining: Duration?
  /// What the server may send before the client gives more.
  var window: StreamCredit
  var metadata: Metadata
}

/// A server's terms for a connection.
struct WelcomeRecord: Sendable, Equatable {
  var version: UInt32
  /// Another one after each start of the server.
  var epoch: UInt64
  /// What a client may send on each call before the server gives more.
  var window: StreamCredit
  var largestMessageBytes: UInt32
  /// Who has been silent for so long, although asked, is taken for gone.
  var lease: Duration

  /// What a client that never said HELLO may assume.
  static let assumed = WelcomeRecord(
    version: FrameCodec.version,
    epoch: 0,
    window: StreamCredit(messages: 256, bytes: 256 << 10),
    largestMessageBytes: 4 << 20,
    lease: .milliseconds(1500)
  )
}

/// Leave to send: so many messages, and so many bytes in all.
package struct StreamCredit: Sendable, Hashable {
  package var messages: UInt32
  package var bytes: UInt32

  package init(messages: UInt32, bytes: UInt32) {
    self.messages = messages
    self.bytes = bytes
  }
}

/// The kinds as they stand on the wire.
enum RecordKind: UInt8 {
  case open = 1
  case headers = 2
  case message = 3
  case end = 4
  case status = 5
  case cancel = 6
  case credit = 7
  case hello = 16
  case welcome = 17
  case ping = 18
  case pong = 19
  case goAway = 20
  case goodbye = 21
}
