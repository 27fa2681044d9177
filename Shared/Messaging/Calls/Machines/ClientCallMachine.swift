import DequeModule
import GRPCCore

/// A call as the client sees it: waits for the connection, opens, streams both ways under credit, ends once.
struct ClientCallMachine: CallMachine {
  private enum Phase {
    /// The application has written nothing yet.
    case idle
    /// Written, but the connection isn't ready or the request isn't complete.
    case holding
    case open
    case over
  }

  private let method: String
  /// A single request goes out in one piece with the call's beginning and end; more than the window holds can't.
  private var sendsInOnePiece: Bool
  private let timeout: Duration?
  private let limits: CallLimits
  private var terms: WelcomeRecord?
  private var phase = Phase.idle
  private var requestIsComplete = false
  private var metadata = Metadata()
  private var deadline: MonotonicInstant?
  private var held: [[UInt8]] = []
  private var window = CreditWindow(WelcomeRecord.assumed.window)
  private var meter: CreditMeter
  private var inbox: Deque<RPCResponsePart<[UInt8]>> = []
  private var hasHeaders = false
  private var failure: RPCError?

  /// - Parameters:
  ///   - timeout: how long the call may take from its beginning on; nil where its metadata say so, or nobody.
  ///   - terms: the connection's, if it is ready.
  init(method: String, sendsInOnePiece: Bool, timeout: Duration? = nil, limits: CallLimits, terms: WelcomeRecord?) {
    self.method = method
    self.sendsInOnePiece = sendsInOnePiece
    self.timeout = timeout
    self.limits = limits
    meter = CreditMeter(limits.window)
    if let terms { accept(terms) }
  }

  mutating func step(_ input: CallInput<RPCRequestPart<[UInt8]>>, now: MonotonicInstant) -> CallEffects {
    switch input {
    case .write(.metadata(let metadata)): begin(metadata, now)
    case .write(.message(let payload)): write(payload, now)
    case .finish: finish(now)
    case .abandon(let error): fail(error ?? .cancelled)
    case .received(let content): receive(content)
    case .ready(let terms): becomeReady(terms, now)
    case .lost(let error): fail(error, tellsServer: false)
    case .refused(let error): phase == .open ? CallEffects() : fail(error)
    case .deadlinePassed: fail(.deadlineExceeded)
    case .interrupted(let error): fail(error)
    }
  }

  static func waitsForRoom(_ part: RPCRequestPart<[UInt8]>) -> Bool {
    if case .message = part { true } else { false }
  }

  // MARK: Requests

  private mutating func begin(_ metadata: Metadata, _ now: MonotonicInstant) -> CallEffects {
    guard phase == .idle else { return rejected(failure ?? .alreadyClosed) }
    if let objection = MetadataCodec.objection(to: metadata) {
      var effects = fail(objection)
      effects.write = .rejected(objection)
      return effects
    }
    self.metadata = metadata
    deadline = timeout.map { now + $0 }
    // GRPCCore states the deadline in a form that its own server misreads beyond seven digits, so it travels as a
    // number in OPEN instead.
    if let timeout = metadata[stringValues: GRPCTimeout.key].first(where: { _ in true }) {
      deadline = GRPCTimeout.duration(timeout).map { now + $0 }
      self.metadata.removeAllValues(forKey: GRPCTimeout.key)
    }
    phase = .holding
    var effects = releaseIfPossible(now)
    effects.deadline = deadline
    return effects
  }

  private mutating func write(_ payload: [UInt8], _ now: MonotonicInstant) -> CallEffects {
    guard phase != .over else { return rejected(failure ?? .cancelled) }
    guard phase != .idle, !requestIsComplete else { return rejected(.alreadyClosed) }
    let limit = min(limits.largestRequestBytes, terms.map { Int($0.largestMessageBytes) } ?? .max)
    guard payload.count <= limit else {
      let error = RPCError.tooLarge("request", byteCount: payload.count, limit: limit)
      var effects = fail(error)
      effects.write = .rejected(error)
      return effects
    }
    guard window.allowsMessage else {
      sendsInOnePiece = false
      var effects = releaseIfPossible(now)
      effects.write = .blocked
      return effects
    }
    window.spend(messageOf: payload.count)
    guard phase == .open else {
      held.append(payload)
      return CallEffects()
    }
    return CallEffects(records: [.message(payload, closes: false)])
  }

  private mutating func finish(_ now: MonotonicInstant) -> CallEffects {
    guard phase != .over, !requestIsComplete else { return CallEffects() }
    requestIsComplete = true
    return phase == .open ? CallEffects(records: [.end]) : releaseIfPossible(now)
  }

  private mutating func becomeReady(_ terms: WelcomeRecord, _ now: MonotonicInstant) -> CallEffects {
    guard self.terms == nil else { return CallEffects() }
    accept(terms)
    var effects = releaseIfPossible(now)
    effects.wakesWriters = true
    return effects
  }

  private mutating func accept(_ terms: WelcomeRecord) {
    self.terms = terms
    window.replace(assumed: WelcomeRecord.assumed.window, by: terms.window)
  }

  private mutating func releaseIfPossible(_ now: MonotonicInstant) -> CallEffects {
    guard phase == .holding, terms != nil, requestIsComplete || !sendsInOnePiece else { return CallEffects() }
    phase = .open
    let remaining = deadline.map { max($0 - now, .zero) }
    var records: [CallContent] = [
      .open(OpenRecord(method: method, remaining: remaining, window: limits.window, metadata: metadata))
    ]
    for (index, payload) in held.enumerated() {
      records.append(.message(payload, closes: requestIsComplete && index == held.count - 1))
    }
    if requestIsComplete, held.isEmpty { records.append(.end) }
    held = []
    return CallEffects(records: records)
  }

  // MARK: Responses

  private mutating func receive(_ content: CallContent) -> CallEffects {
    guard phase == .open else { return CallEffects() }
    switch content {
    case .headers(let metadata):
      guard !hasHeaders else { return CallEffects() }
      hasHeaders = true
      inbox.append(.metadata(metadata))
      return CallEffects(wakesReader: true)
    case .message(let payload, _):
      guard payload.count <= limits.largestResponseBytes else {
        return fail(.tooLarge("response", byteCount: payload.count, limit: limits.largestResponseBytes))
      }
      guard meter.receive() else { return fail(.creditIgnored(by: "server")) }
      if !hasHeaders {
        hasHeaders = true
        inbox.append(.metadata([:]))
      }
      inbox.append(.message(payload))
      return CallEffects(wakesReader: true, bufferedBytes: payload.count)
    case .status(let status, let metadata):
      phase = .over
      inbox.append(.status(status, metadata))
      return CallEffects(wakesReader: true, wakesWriters: true, isOver: true)
    case .credit(let credit):
      window.add(credit)
      return CallEffects(wakesWriters: true)
    case .open, .end, .cancel, .hello, .welcome, .ping, .pong, .goAway, .goodbye:
      return CallEffects()
    }
  }

  mutating func take() -> (taken: TakenPart<RPCResponsePart<[UInt8]>>, effects: CallEffects) {
    guard let part = inbox.popFirst() else {
      if let failure { return (.failure(failure), CallEffects()) }
      return (phase == .over ? .end : .nothingYet, CallEffects())
    }
    var effects = CallEffects()
    if case .message(let payload) = part {
      effects.bufferedBytes = -payload.count
      if let credit = meter.take(messageOf: payload.count), phase == .open { effects.records = [.credit(credit)] }
    }
    return (.part(part), effects)
  }

  var hasSomethingToTake: Bool { !inbox.isEmpty || phase == .over }

  var blocksWriters: Bool { phase != .over && !window.allowsMessage }

  // MARK: Ends

  /// Ends the call before the server does. What has arrived and not been read is dropped: the error comes first.
  private mutating func fail(_ error: RPCError, tellsServer: Bool = true) -> CallEffects {
    guard phase != .over else { return CallEffects() }
    var effects = CallEffects(wakesReader: true, wakesWriters: true, isOver: true)
    if phase == .open, tellsServer { effects.records = [.cancel] }
    effects.bufferedBytes = -inbox.reduce(0) { $0 + $1.messageByteCount }
    inbox = []
    held = []
    failure = error
    phase = .over
    return effects
  }

  private func rejected(_ error: RPCError) -> CallEffects { CallEffects(write: .rejected(error)) }
}

extension RPCResponsePart<[UInt8]> {
  fileprivate var messageByteCount: Int {
    if case .message(let payload) = self { payload.count } else { 0 }
  }
}
