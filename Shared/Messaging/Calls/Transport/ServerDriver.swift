import DequeModule
import GRPCCore

/// A server's half on the socket thread: one ROUTER and everything it knows about its peers.
final class ServerDriver: SocketDriver {
  /// How often peers are looked after, and how soon a full one is tried again.
  private static let peerCheckInterval = Duration.milliseconds(50)
  private static let retryInterval = Duration.milliseconds(2)

  let link: ServerLink
  private let socket: Socket
  let limits: CallLimits
  private let localPeer: String
  private let terms: WelcomeRecord
  private let admission: CallAdmission?
  private var checkedRevision = 0
  private let message = Message()
  var peers: [[UInt8]: Resident] = [:]
  private var peersByNumber: [UInt64: Resident] = [:]
  private var lastPeerNumber: UInt64 = 0
  var blocked: [Resident] = []
  private var starts = CallStarts<(pipe: ServerPipe, context: StartedCall)>()
  private var nextPeerCheck = MonotonicInstant.now
  var endOfStage: MonotonicInstant?
  /// When the server goes, whoever hasn't answered; nil until it has said GOODBYE.
  var endOfFarewell: MonotonicInstant?
  var announcedStage = ServerLink.Stage.serving

  /// A peer, and what only this thread needs to know of it.
  final class Resident {
    let peer: ServerPeer
    var machine: PeerMachine
    var unsent: Deque<[UInt8]> = []
    /// Nil where the transport knows no keys.
    let rights: ClientRights?

    init(_ peer: ServerPeer, _ machine: PeerMachine, _ rights: ClientRights?) {
      self.peer = peer
      self.machine = machine
      self.rights = rights
    }
  }

  init(_ link: ServerLink, _ socket: consuming Socket, localPeer: String, access: AccessControl?, limits: CallLimits) {
    self.link = link
    self.socket = socket
    self.limits = limits
    self.localPeer = localPeer
    admission = access.map(CallAdmission.init)
    terms = WelcomeRecord(
      version: FrameCodec.version,
      epoch: .random(in: 1 ... .max),
      window: limits.window,
      largestMessageBytes: UInt32(clamping: limits.largestRequestBytes),
      lease: limits.lease
    )
  }

  // MARK: The socket

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    defer { startLoneCall() }
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
      guard message.hasMore else { continue }
      let identity = message.copy()
      _ = try socket.receive(into: message)
      let isWhole = !message.hasMore
      while message.hasMore, try socket.receive(into: message) {}
      // Strangers may send anything. What isn't a frame is forgotten, and no peer is made of its sender.
      guard isWhole, let records = message.withUnsafeBytes(FrameCodec.recordsIfWhole), !records.isEmpty else {
        continue
      }
      if let resident = resident(identity) { receive(records, from: resident) }
      for call in starts.endFrame() { start(call.pipe, call.context) }
    }
    return true
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) { endForbiddenCalls() }

  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    while let key = link.popExpired(now) { peersByNumber[key.peer]?.peer.call(key.call)?.step(.deadlinePassed) }
    if now >= nextPeerCheck { checkPeers(now) }
    try flush()
    try followStage(now)
    let retry = blocked.isEmpty ? nil : now + ServerDriver.retryInterval
    let next = [retry, link.earliestDeadline, endOfStage, endOfFarewell]
    return next.reduce(nextPeerCheck) { earliest, instant in instant.map { min(earliest, $0) } ?? earliest }
  }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {
    let reason = RPCError(code: .unavailable, message: error.map { "\($0)" } ?? "the server was stopped")
    for resident in peers.values {
      for call in resident.peer.calls { call.step(.lost(reason)) }
      resident.peer.outbox.close()
    }
    link.finish()
  }

  // MARK: Records

  /// The peer that sent `message`, new or known; nil where there is no room for it, or where it has no key and must
  /// have one.
  private func resident(_ identity: [UInt8]) -> Resident? {
    if let known = peers[identity] {
      guard let rights = known.rights, !rights.areOfSender(of: message) else { return known }
      // A peer chooses its identity. Another key under a known one is another peer, with none of its rights.
      forget(known)
    }
    let rights = admission.flatMap { admission in message.userID.map { ClientRights(ofKey: $0, admission) } }
    guard peers.count < limits.peers, admission == nil || rights != nil else { return nil }
    lastPeerNumber += 1
    let resident = Resident(
      ServerPeer(identity, number: lastPeerNumber, caller: rights?.caller, server: link),
      PeerMachine(lease: limits.lease, now: .now),
      rights
    )
    peers[identity] = resident
    peersByNumber[lastPeerNumber] = resident
    return resident
  }

  private func receive(_ records: [CallRecord], from resident: Resident) {
    let now = MonotonicInstant.now
    perform(resident.machine.step(.received, now: now), on: resident)
    var start = 0
    while start < records.count {
      let record = records[start]
      var end = start + 1
      switch record.content {
      case .open(let open): accept(open, call: record.call, from: resident, now)
      case .hello: greet(resident, now)
      case .ping: resident.peer.send([.pong])
      case .goodbye: perform(resident.machine.step(.left, now: now), on: resident)
      case .message, .end, .cancel, .credit:
        end = records[start...].firstIndex { $0.call != record.call || $0.content.kind == .open } ?? records.count
        deliver(records[start..<end], of: record.call, to: resident.peer, now)
      case .headers, .status, .welcome, .pong, .goAway: break
      }
      start = end
    }
  }

  private func greet(_ resident: Resident, _ now: MonotonicInstant) {
    perform(resident.machine.step(.greeted, now: now), on: resident)
    // Who comes so late hasn't heard what the others have.
    if endOfFarewell != nil {
      resident.peer.send([.goodbye])
    } else if announcedStage == .draining {
      resident.peer.send([.goAway])
    }
  }

  private func deliver(_ records: ArraySlice<CallRecord>, of id: UInt64, to peer: ServerPeer, _ now: MonotonicInstant) {
    guard let call = peer.call(id) else { return }
    call.receive(records.lazy.map(\.content), now: now)
    if peer.bufferedBytes > limits.bufferedBytesPerPeer {
      let message = "more than \(limits.bufferedBytesPerPeer) bytes of this client wait to be handled"
      call.step(.interrupted(RPCError(code: .resourceExhausted, message: message)))
    }
  }

  private func accept(_ open: OpenRecord, call id: UInt64, from resident: Resident, _ now: MonotonicInstant) {
    let peer = resident.peer
    guard peer.call(id) == nil else { return }
    guard link.stage == .serving else {
      return peer.refuse(id, RPCError(code: .unavailable, message: "the server is shutting down"))
    }
    guard let method = link.method(named: open.method) else {
      return peer.refuse(id, RPCError(code: .unimplemented, message: "'\(open.method)' is not service/Method"))
    }
    if let refusal = resident.rights?.refusal(of: method, now) { return peer.refuse(id, refusal) }
    guard peer.callCount < limits.callsPerPeer else {
      return peer.refuse(id, .busy("\(limits.callsPerPeer) calls of this client"))
    }
    let deadline = open.remaining.map { now + $0 }
    let sendsInOnePiece = method.type.map { !$0.isResponseStreaming } ?? false
    let call = ServerPipe(
      ServerCallMachine(open, sendsInOnePiece: sendsInOnePiece, limits: limits),
      id: id,
      link: peer
    )
    peer.add(AcceptedCall(call: call, method: method, usage: resident.rights?.usage), deadline: deadline)
    let context = StartedCall(
      name: open.method,
      method: method,
      remotePeer: peer.description,
      localPeer: localPeer,
      deadline: deadline,
      caller: peer.caller
    )
    starts.add(
      (call, context),
      shortMethod: link.mayBeginOnThread(open.method) ? open.method : nil,
      frameBytes: message.count,
      now: now
    )
  }

  // MARK: Handlers

  private func start(_ call: ServerPipe, _ context: StartedCall, onThread: Bool = false) {
    guard !link.start(call, context, limit: limits.calls, onThread: onThread) else { return }
    call.step(.interrupted(.busy("\(limits.calls) calls")))
  }

  private func startLoneCall() {
    guard let lone = starts.endTurn() else { return }
    let beginning = MonotonicInstant.now
    start(lone.pipe, lone.context, onThread: true)
    let now = MonotonicInstant.now
    starts.book(now - beginning, of: lone.context.name, now: now)
  }

  // MARK: Permission

  /// After the allow-list has changed: ends the calls that would no longer be taken.
  private func endForbiddenCalls() {
    guard let admission, checkedRevision != admission.access.revision else { return }
    checkedRevision = admission.access.revision
    for resident in peers.values {
      for accepted in resident.peer.acceptedCalls {
        guard let objection = resident.rights?.objection(to: accepted.method) else { continue }
        accepted.call.step(.interrupted(objection))
      }
    }
  }

  // MARK: Peers

  private func checkPeers(_ now: MonotonicInstant) {
    nextPeerCheck = now + ServerDriver.peerCheckInterval
    for resident in peers.values {
      perform(resident.machine.step(.tick(callCount: resident.peer.callCount), now: now), on: resident)
    }
  }

  private func perform(_ effects: [PeerMachine.Effect], on resident: Resident) {
    for effect in effects {
      switch effect {
      case .resetCalls: lose(resident.peer.calls, RPCError(code: .cancelled, message: "the client began anew, or left"))
      case .welcome: resident.peer.send([.welcome(terms)])
      case .ping: resident.peer.send([.ping])
      case .expired:
        let error = RPCError(code: .cancelled, message: "the client has been silent for \(limits.lease)")
        // Should it thaw, it learns what became of its calls.
        for call in resident.peer.calls { call.step(.interrupted(error)) }
      case .forget: forget(resident)
      }
    }
  }

  private func lose(_ calls: [ServerPipe], _ error: RPCError) {
    for call in calls { call.step(.lost(error)) }
  }

  private func forget(_ resident: Resident) {
    peers[resident.peer.identity] = nil
    peersByNumber[resident.peer.number] = nil
    resident.rights?.end()
    resident.unsent = []
    lose(resident.peer.calls, RPCError(code: .cancelled, message: "the client has vanished"))
    resident.peer.outbox.close()
  }

  // MARK: Sending

  func flush() throws(ZeroMQError) {
    let waiting = blocked
    blocked = []
    for resident in waiting { try flush(resident) }
    for peer in link.takeBusyPeers() {
      if let resident = peersByNumber[peer.number] { try flush(resident) }
    }
  }

  private func flush(_ resident: Resident) throws(ZeroMQError) {
    if resident.unsent.isEmpty { resident.unsent.append(contentsOf: resident.peer.outbox.take()) }
    while let frame = resident.unsent.first {
      switch try socket.send(resident.peer.identity, more: true) {
      case .sent: _ = try socket.send(frame)
      case .wouldBlock:
        // A full peer waits by itself; ROUTER can't say when it has room again, so it is tried shortly.
        if !blocked.contains(where: { $0 === resident }) { blocked.append(resident) }
        return
      case .unreachable: return forget(resident)
      }
      resident.unsent.removeFirst()
      if resident.unsent.isEmpty { resident.unsent.append(contentsOf: resident.peer.outbox.take()) }
    }
  }
}

extension RPCError {
  fileprivate static func busy(_ what: String) -> RPCError {
    RPCError(code: .resourceExhausted, message: "\(what) are under way; try again later")
  }
}
