import Contracts
import Logging

/// Answers libzmq's question whom to let in, for every CURVE socket of the process (RFC 27).
///
/// It lives on the socket thread and is attached before any CURVE socket is opened. Where it is missing, libzmq lets
/// nobody in, since those sockets enforce their domain.
final class ZAPHandler: SocketDriver {
  /// Refusals that are logged in a second; all are counted.
  private static let logLinesPerSecond = 5

  private let access: AccessControl
  private let logger: Logger
  private let socket: Socket
  private let message = Message()
  private var rates: [String: TokenBucket] = [:]
  private var ratesRevision = 0
  private var logLines = TokenBucket(perSecond: ZAPHandler.logLinesPerSecond, now: .now)

  init(_ access: AccessControl, logger: Logger, on loop: SocketLoop) throws(ZeroMQError) {
    self.access = access
    self.logger = logger
    var options = SocketOptions()
    options.linger = .zero
    socket = try loop.open(.router, options, tag: 0)
    try socket.bind(try Endpoint("inproc://zeromq.zap.01"))
    loop.hasAuthenticator = true
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
      var parts = [message.copy()]
      while message.hasMore, try socket.receive(into: message) { parts.append(message.copy()) }
      // The session's identity, an empty delimiter, then the request.
      guard parts.count > 2, parts[1].isEmpty, let request = ZAPRequest(parts[2...]) else { continue }
      let reply = decide(request, .now)
      let answer = [parts[0], []] + reply.parts(to: request.requestID)
      for (index, part) in answer.enumerated() { _ = try socket.send(part, more: index < answer.count - 1) }
    }
    return true
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) {}
  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }
  func stop(because error: ZeroMQError?, on loop: SocketLoop) { loop.hasAuthenticator = false }

  private func decide(_ request: ZAPRequest, _ now: MonotonicInstant) -> ZAPReply {
    guard let key = request.curveKey, let domain = SocketDomain(request.domain) else {
      return refuse(.refused("only CURVE is spoken here"), request, nil, now)
    }
    guard let grant = access.list.grant(ofKey: key.description) else {
      return refuse(.refused("the key is not on the allow-list"), request, key, now)
    }
    if case .events(let stream) = domain, !grant.mayRead(stream) {
      return refuse(.refused("the key may not read \(stream)"), request, key, now)
    }
    guard isWithinRate(grant, now) else {
      return refuse(.later("too many connections in a second"), request, key, now)
    }
    access.count(.connectionAdmitted)
    return .admitted(userID: key.description)
  }

  private func isWithinRate(_ grant: KeyGrant, _ now: MonotonicInstant) -> Bool {
    if ratesRevision != access.revision {
      // Limits may be others now; and names that are gone are forgotten.
      rates = [:]
      ratesRevision = access.revision
    }
    let full = TokenBucket(perSecond: grant.limits.connectionsPerSecond, now: now)
    return rates[grant.name, default: full].take(now)
  }

  private func refuse(
    _ reply: ZAPReply,
    _ request: ZAPRequest,
    _ key: CurvePublicKey?,
    _ now: MonotonicInstant
  ) -> ZAPReply {
    access.count(.connectionRefused)
    if logLines.take(now), case .refused(let why) = reply {
      logger.warning(
        "refused a connection",
        metadata: ["why": "\(why)", "address": "\(request.address)", "key": "\(key?.description ?? "none")"]
      )
    }
    return reply
  }
}

/// What a CURVE socket is for, as its ZAP domain says it: who may connect depends on that.
enum SocketDomain: Hashable, Sendable {
  /// Whoever is on the list may connect; each call is decided by itself.
  case calls
  /// Whoever may read the stream may connect. A publishing socket can't refuse a subscription by itself, so each
  /// stream has its own.
  case events(StreamName)

  private static let eventsPrefix = "events/"

  init?(_ text: String) {
    if text == "calls" {
      self = .calls
    } else if text.hasPrefix(SocketDomain.eventsPrefix),
      let stream = StreamName(String(text.dropFirst(SocketDomain.eventsPrefix.count)))
    {
      self = .events(stream)
    } else {
      return nil
    }
  }

  /// Never empty: with an empty one libzmq asks nobody.
  var text: String {
    switch self {
    case .calls: "calls"
    case .events(let stream): SocketDomain.eventsPrefix + stream.rawValue
    }
  }
}
