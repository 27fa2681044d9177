import GRPCCore

@testable import Messaging

extension FuzzedDecoder {
  /// A frame of calls, as either side sends it.
  static let callFrames = FuzzedDecoder(name: "call-frames", seeds: { [frame(of: everyRecord)] }) { bytes in
    guard let records = bytes.withUnsafeBytes(FrameCodec.recordsIfWhole) else { return false }
    let again = frame(of: records).withUnsafeBytes(FrameCodec.recordsIfWhole)
    try require(again == records, "\(records) came back as \(String(describing: again))")
    return true
  }

  /// Frames that a peer sends one after the other, each behind its length (u16, little-endian), and what they do to
  /// the machines on our side.
  static let conversations = FuzzedDecoder(
    name: "call-conversations",
    seeds: {
      let frames = [[0, 1, 2, 6], [8, 0, 2, 2, 3, 5], [9, 10, 11, 7, 4], [12, 13]]
        .map { indices in frame(of: indices.map { everyRecord[$0] }) }
      return [frames.flatMap { [UInt8($0.count & 255), UInt8($0.count >> 8)] + $0 }]
    }
  ) { bytes in
    var talk = Conversation()
    var rest = bytes[...]
    var isTaken = false
    while rest.count >= 2 {
      let count = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
      let frame = Array(rest.dropFirst(2).prefix(count))
      rest = rest.dropFirst(2 + count)
      guard let records = frame.withUnsafeBytes(FrameCodec.recordsIfWhole) else { continue }
      isTaken = isTaken || !records.isEmpty
      for record in records { try talk.receive(record) }
    }
    return isTaken
  }

  private static func frame(of records: [CallRecord]) -> [UInt8] {
    var bytes: [UInt8] = []
    for record in records { FrameCodec.append(record, to: &bytes) }
    return bytes
  }

  private static let everyRecord: [CallRecord] = [
    CallRecord(
      7,
      .open(
        OpenRecord(
          method: "ranking.v1/Teams",
          remaining: .milliseconds(250),
          window: StreamCredit(messages: 256, bytes: 262_144),
          metadata: ["request-id": "a:b", "shape-bin": [0, 255, 10]]
        )
      )
    ),
    CallRecord(7, .headers([:])), CallRecord(7, .message(Array("{}".utf8), closes: false)),
    CallRecord(7, .message([], closes: true)), CallRecord(7, .end),
    CallRecord(7, .status(Status(code: .notFound, message: "nö"), ["fault": "{\"reason\":\"x\"}"])),
    CallRecord(7, .cancel), CallRecord(.max, .credit(StreamCredit(messages: 1, bytes: .max))),
    .connection(.hello(version: 1)), .connection(.welcome(.assumed)), .connection(.ping), .connection(.pong),
    .connection(.goAway), .connection(.goodbye),
  ]
}

/// Both sides' machines, told the same records: whatever is sent, sizes and times stay in bounds.
private struct Conversation {
  private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
  private var connection = ConnectionMachine(server: "fuzzed", now: MonotonicInstant(nanoseconds: 1_000_000_000))
  private var peer = PeerMachine(lease: .seconds(1), now: MonotonicInstant(nanoseconds: 1_000_000_000))
  private var client = ClientCallMachine(method: "a/B", sendsInOnePiece: false, limits: CallLimits(), terms: .assumed)
  private var server: ServerCallMachine?
  private var clientBytes = 0
  private var serverBytes = 0

  init() {
    _ = client.step(.write(.metadata([:])), now: now)
    _ = client.step(.write(.message([1])), now: now)
  }

  mutating func receive(_ record: CallRecord) throws(Finding) {
    now = now + .milliseconds(100)
    _ = peer.step(.received, now: now)
    if case .hello = record.content { _ = peer.step(.greeted, now: now) }
    for effect in connection.step(.received(record.content), now: now) {
      if case .ready(let terms) = effect { _ = client.step(.ready(terms), now: now) }
    }
    _ = connection.step(.tick(callCount: 1), now: now)
    _ = peer.step(.tick(callCount: 1), now: now)
    if server == nil, case .open(let open) = record.content {
      server = ServerCallMachine(open, sendsInOnePiece: false, limits: CallLimits())
      if let remaining = open.remaining { _ = now + remaining }
    }
    clientBytes += client.step(.received(record.content), now: now).bufferedBytes
    serverBytes += server?.step(.received(record.content), now: now).bufferedBytes ?? 0
    clientBytes += client.take().effects.bufferedBytes
    serverBytes += server?.take().effects.bufferedBytes ?? 0
    _ = client.step(.write(.message([2])), now: now)
    _ = server?.step(.write(.message([2])), now: now)
    try require(clientBytes >= 0 && serverBytes >= 0, "more was taken than came: \(clientBytes), \(serverBytes)")
  }
}
