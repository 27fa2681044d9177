import DequeModule
import GRPCCore

/// A call as the server sees it, from OPEN to its one STATUS, or to the moment the client is gone.
struct ServerCallMachine: CallMachine {
  /// A single response goes out in one piece with its headers and status; more than the window holds can't.
  private var sendsInOnePiece: Bool
  private let limits: CallLimits
  private var isOver = false
  private var requestIsComplete = false
  private var hasHeaders = false
  private var held: [CallContent] = []
  private var window: CreditWindow
  private var meter: CreditMeter
  private var inbox: Deque<RPCRequestPart<[UInt8]>>
  private var failure: RPCError?

  init(_ open: OpenRecord, sendsInOnePiece: Bool, limits: CallLimits) {
    self.sendsInOnePiece = sendsInOnePiece
    self.limits = limits
    window = CreditWindow(open.window)
    meter = CreditMeter(limits.window)
    inbox = [.metadata(open.metadata)]
  }

  mutating func step(_ input: CallInput<RPCResponsePart<[UInt8]>>, now: MonotonicInstant) -> CallEffects {
    switch input {
    case .write(.metadata(let metadata)): writeHeaders(metadata)
    case .write(.message(let payload)): write(payload)
    case .write(.status(let status, let metadata)): writeStatus(status, metadata)
    case .finish: abandon(RPCError(code: .internalError, message: "the service ended the call without a status"))
    case .abandon(let error): abandon(error ?? .cancelled)
    case .received(let content): receive(content)
    case .lost(let error): leave(because: error)
    case .deadlinePassed: interrupt(.deadlineExceeded)
    case .interrupted(let error): interrupt(error)
    case .ready, .refused: CallEffects()
    }
  }

  static func waitsForRoom(_ part: RPCResponsePart<[UInt8]>) -> Bool {
    if case .message = part { true } else { false }
  }

  // MARK: Responses

  private mutating func writeHeaders(_ metadata: Metadata) -> CallEffects {
    guard !isOver else { return rejected(failure ?? .alreadyClosed) }
    guard !hasHeaders else { return rejected(.alreadyClosed) }
    if let objection = MetadataCodec.objection(to: metadata) { return rejected(objection) }
    hasHeaders = true
    return send(.headers(metadata))
  }

  private mutating func write(_ payload: [UInt8]) -> CallEffects {
    guard !isOver else { return rejected(failure ?? .alreadyClosed) }
    guard payload.count <= limits.largestResponseBytes else {
      return rejected(.tooLarge("response", byteCount: payload.count, limit: limits.largestResponseBytes))
    }
    guard window.allowsMessage else {
      sendsInOnePiece = false
      defer { held = [] }
      return CallEffects(records: held, write: .blocked)
    }
    window.spend(messageOf: payload.count)
    return send(.message(payload, closes: false))
  }

  private mutating func writeStatus(_ status: Status, _ metadata: Metadata) -> CallEffects {
    guard !isOver else { return rejected(failure ?? .alreadyClosed) }
    guard let objection = MetadataCodec.objection(to: metadata) else { return end(with: .status(status, metadata)) }
    // The status matters more than what came with it.
    let message = "\(status.message) (the trailing metadata is left out: \(objection.message))"
    return end(with: .status(Status(code: status.code, message: message), [:]))
  }

  private mutating func abandon(_ error: RPCError) -> CallEffects {
    isOver ? CallEffects() : end(with: .status(error))
  }

  private mutating func send(_ content: CallContent) -> CallEffects {
    guard sendsInOnePiece else { return CallEffects(records: [content]) }
    held.append(content)
    return CallEffects()
  }

  private mutating func end(with status: CallContent) -> CallEffects {
    var effects = close()
    effects.records = held + [status]
    held = []
    return effects
  }

  // MARK: Requests

  private mutating func receive(_ content: CallContent) -> CallEffects {
    guard !isOver else { return CallEffects() }
    switch content {
    case .message(let payload, let closes):
      guard !requestIsComplete else {
        return interrupt(RPCError(code: .invalidArgument, message: "a message came after the end of the request"))
      }
      guard payload.count <= limits.largestRequestBytes else {
        return interrupt(.tooLarge("request", byteCount: payload.count, limit: limits.largestRequestBytes))
      }
      guard meter.receive() else { return interrupt(.creditIgnored(by: "client")) }
      requestIsComplete = closes
      inbox.append(.message(payload))
      return CallEffects(wakesReader: true, bufferedBytes: payload.count)
    case .end:
      requestIsComplete = true
      return CallEffects(wakesReader: true)
    case .cancel: return leave(because: .cancelled)
    case .credit(let credit):
      window.add(credit)
      return CallEffects(wakesWriters: true)
    case .open, .headers, .status, .hello, .welcome, .ping, .pong, .goAway, .goodbye:
      return CallEffects()
    }
  }

  mutating func take() -> (taken: TakenPart<RPCRequestPart<[UInt8]>>, effects: CallEffects) {
    guard let part = inbox.popFirst() else {
      if let failure { return (.failure(failure), CallEffects()) }
      return (requestIsComplete || isOver ? .end : .nothingYet, CallEffects())
    }
    var effects = CallEffects()
    if case .message(let payload) = part {
      effects.bufferedBytes = -payload.count
      if let credit = meter.take(messageOf: payload.count), !requestIsComplete, !isOver {
        effects.records = [.credit(credit)]
      }
    }
    return (.part(part), effects)
  }

  var hasSomethingToTake: Bool { !inbox.isEmpty || requestIsComplete || isOver }

  var blocksWriters: Bool { !isOver && !window.allowsMessage }

  // MARK: Ends

  /// Ends the call over the handler's head, telling the client why.
  private mutating func interrupt(_ error: RPCError) -> CallEffects {
    guard !isOver else { return CallEffects() }
    var effects = close()
    effects.records = [.status(error)]
    effects.cancelsHandler = true
    failure = error.code == .deadlineExceeded ? error : .cancelled
    return effects
  }

  /// Ends the call because there is nobody left to tell.
  private mutating func leave(because error: RPCError) -> CallEffects {
    guard !isOver else { return CallEffects() }
    var effects = close()
    effects.cancelsHandler = true
    failure = error
    return effects
  }

  private mutating func close() -> CallEffects {
    isOver = true
    let buffered = inbox.reduce(0) { sum, part in
      if case .message(let payload) = part { sum + payload.count } else { sum }
    }
    inbox = []
    return CallEffects(wakesReader: true, wakesWriters: true, isOver: true, bufferedBytes: -buffered)
  }

  private func rejected(_ error: RPCError) -> CallEffects { CallEffects(write: .rejected(error)) }
}

extension CallContent {
  /// The status that reports an error.
  static func status(_ error: RPCError) -> CallContent {
    .status(Status(code: Status.Code(error.code), message: error.message), error.metadata)
  }
}
