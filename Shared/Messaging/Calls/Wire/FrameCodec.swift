import GRPCCore

/// Between records and bytes. A frame is records back to back; all numbers are little-endian.
///
/// Header of each record, 16 bytes: u32 body length, u8 kind, u8 flags (bit 0: half-close), u16 aux (the status code),
/// u64 call id. Bodies are described at `encode` and `decode`, and in WIRE.md.
enum FrameCodec {
  static let version: UInt32 = 1
  static let headerByteCount = 16
  static let halfClose: UInt8 = 1
  /// Records are packed into one frame until it has this many bytes; only a single larger record exceeds it.
  static let packedByteCount = 64 << 10
  /// What nanoseconds in 64 bits can say, some 292 years; whoever says more means that.
  private static let longestDeadlineMicroseconds = UInt64(Int64.max / 1000)
  /// Metadata of one record, encoded.
  static let largestMetadataBytes = 8 << 10

  // MARK: Encoding

  static func append(_ record: CallRecord, to bytes: inout [UInt8]) {
    let start = bytes.count
    switch record.content {
    case .message(let payload, let closes):
      appendHeader(bodyByteCount: payload.count, .message, flags: closes ? halfClose : 0, call: record.call, to: &bytes)
      bytes.append(contentsOf: payload)
    case let content:
      var aux: UInt16 = 0
      if case .status(let status, _) = content { aux = UInt16(status.code.rawValue) }
      appendHeader(bodyByteCount: 0, content.kind, aux: aux, call: record.call, to: &bytes)
      appendBody(of: content, to: &bytes)
      let bodyByteCount = UInt32(bytes.count - start - headerByteCount).littleEndian
      withUnsafeBytes(of: bodyByteCount) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
  }

  /// In two stores, because there is one for each message of a stream.
  private static func appendHeader(
    bodyByteCount: Int,
    _ kind: RecordKind,
    flags: UInt8 = 0,
    aux: UInt16 = 0,
    call: UInt64,
    to bytes: inout [UInt8]
  ) {
    bytes.append(UInt64(bodyByteCount) | UInt64(kind.rawValue) << 32 | UInt64(flags) << 40 | UInt64(aux) << 48)
    bytes.append(call)
  }

  private static func appendBody(of content: CallContent, to bytes: inout [UInt8]) {
    switch content {
    case .open(let open):
      // 0 means "no deadline", so one that has just passed is sent as the shortest there is.
      let microseconds = open.remaining.map { UInt64(max($0.wholeNanoseconds / 1000, 1)) } ?? 0
      bytes.append(microseconds)
      bytes.append(open.window.messages)
      bytes.append(open.window.bytes)
      bytes.append(shortText: open.method)
      MetadataCodec.append(open.metadata, to: &bytes)
    case .headers(let metadata): MetadataCodec.append(metadata, to: &bytes)
    case .status(let status, let metadata):
      bytes.append(shortText: status.message)
      MetadataCodec.append(metadata, to: &bytes)
    case .credit(let credit):
      bytes.append(credit.messages)
      bytes.append(credit.bytes)
    case .hello(let version): bytes.append(version)
    case .welcome(let welcome):
      bytes.append(welcome.version)
      bytes.append(welcome.epoch)
      bytes.append(welcome.window.messages)
      bytes.append(welcome.window.bytes)
      bytes.append(welcome.largestMessageBytes)
      bytes.append(UInt32(clamping: welcome.lease.wholeNanoseconds / 1_000_000))
    case .message, .end, .cancel, .ping, .pong, .goAway, .goodbye: break
    }
  }

  // MARK: Decoding

  /// Decodes a whole frame; records of unknown kinds are left out, so that later versions may add some.
  /// - Throws: `FrameError` on the first byte that can't be; nothing of the frame is to be used then.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws(FrameError) -> [CallRecord] {
    var records: [CallRecord] = []
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let bodyByteCount = Int(try reader.number(UInt32.self))
      let kind = try reader.number(UInt8.self)
      let flags = try reader.number(UInt8.self)
      let aux = try reader.number(UInt16.self)
      let call = try reader.number(UInt64.self)
      var body = ByteReader(try reader.bytes(bodyByteCount))
      guard let kind = RecordKind(rawValue: kind) else { continue }
      let content = try decodeBody(&body, of: kind, flags: flags, aux: aux)
      guard kind.concernsCall == (call != 0) else { throw .strayCallID(kind: kind.rawValue, call: call) }
      records.append(CallRecord(call, content))
    }
    return records
  }

  /// Decodes a frame off the network; nil for one that is malformed, of which nothing may be used.
  static func recordsIfWhole(_ bytes: UnsafeRawBufferPointer) -> [CallRecord]? {
    do throws(FrameError) { return try decode(bytes) } catch { return nil }
  }

  private static func decodeBody(
    _ body: inout ByteReader,
    of kind: RecordKind,
    flags: UInt8,
    aux: UInt16
  ) throws(FrameError) -> CallContent {
    switch kind {
    case .open:
      let microseconds = try body.number(UInt64.self)
      let window = StreamCredit(messages: try body.number(), bytes: try body.number())
      let method = try body.shortText()
      let metadata = try MetadataCodec.decode(body.rest())
      return .open(
        OpenRecord(
          method: method,
          remaining: microseconds == 0 ? nil : .microseconds(Int64(min(microseconds, longestDeadlineMicroseconds))),
          window: window,
          metadata: metadata
        )
      )
    case .headers: return .headers(try MetadataCodec.decode(body.rest()))
    case .message: return .message(Array(body.rest()), closes: flags & halfClose != 0)
    case .end: return .end
    case .status:
      guard let code = Status.Code(rawValue: Int(aux)) else { throw .unknownStatus(aux) }
      let message = try body.shortText()
      return .status(Status(code: code, message: message), try MetadataCodec.decode(body.rest()))
    case .cancel: return .cancel
    case .credit: return .credit(StreamCredit(messages: try body.number(), bytes: try body.number()))
    case .hello: return .hello(version: try body.number())
    case .welcome:
      return .welcome(
        WelcomeRecord(
          version: try body.number(),
          epoch: try body.number(),
          window: StreamCredit(messages: try body.number(), bytes: try body.number()),
          largestMessageBytes: try body.number(),
          lease: .milliseconds(Int64(try body.number(UInt32.self)))
        )
      )
    case .ping: return .ping
    case .pong: return .pong
    case .goAway: return .goAway
    case .goodbye: return .goodbye
    }
  }
}

/// What is wrong with a frame.
enum FrameError: Error, Hashable {
  case truncated
  case notUTF8
  case malformedMetadata
  case tooMuchMetadata(byteCount: Int)
  case unknownStatus(UInt16)
  /// A call's record without a call, or a connection's with one.
  case strayCallID(kind: UInt8, call: UInt64)
}

extension RecordKind {
  fileprivate var concernsCall: Bool { rawValue < RecordKind.hello.rawValue }
}

extension CallContent {
  var kind: RecordKind {
    switch self {
    case .open: .open
    case .headers: .headers
    case .message: .message
    case .end: .end
    case .status: .status
    case .cancel: .cancel
    case .credit: .credit
    case .hello: .hello
    case .welcome: .welcome
    case .ping: .ping
    case .pong: .pong
    case .goAway: .goAway
    case .goodbye: .goodbye
    }
  }
}
