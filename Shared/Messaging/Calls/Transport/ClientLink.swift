import GRPCCore
import Synchronization

typealias ClientPipe = CallPipe<ClientCallMachine>

/// What a client's calls and its driver on the socket thread share: the connection's state and the table of calls.
final class ClientLink: CallLink {
  private struct State {
    var connection: ConnectionMachine
    var calls: [UInt64: (call: ClientPipe, waitsForReady: Bool)] = [:]
    var deadlines = DeadlineQueue<UInt64>()
    var lastCall: UInt64 = 0
    var isClosing = false
    var isClosed = false
    var closeWaiters: [CheckedContinuation<Void, Never>] = []
  }

  let outbox = Outbox()
  private let handle: DriverHandle
  private let limits: CallLimits
  private let server: String
  private let state: Mutex<State>

  init(server: String, handle: DriverHandle, limits: CallLimits) {
    self.server = server
    self.handle = handle
    self.limits = limits
    state = Mutex(State(connection: ConnectionMachine(server: server, now: .now)))
  }

  // MARK: Calls

  /// Begins a call; one that can't begin is returned all the same, with the reason as the first thing to be read,
  /// because GRPCCore's retry policy looks there and not at what `withStream` throws.
  /// - Parameter timeout: how long the call may take; nil where its metadata say so, or nobody.
  /// - Throws: FAILED_PRECONDITION once the transport is closing.
  func open(
    _ method: String,
    sendsInOnePiece: Bool,
    waitsForReady: Bool,
    timeout: Duration?,
    limits: CallLimits
  ) throws(RPCError) -> ClientPipe {
    let (call, refusal) = try state.withLock { state throws(RPCError) -> (ClientPipe, RPCError?) in
      guard !state.isClosing else {
        throw RPCError(code: .failedPrecondition, message: "the client of \(server) is closed")
      }
      state.lastCall += 1
      let id = state.lastCall
      var terms: WelcomeRecord?
      var refusal: RPCError?
      switch state.connection.admission(waitsForReady: waitsForReady) {
      case .begin(let current): terms = current
      case .refuse(let error): refusal = error
      case .wait: break
      }
      if state.calls.count >= self.limits.callsPerPeer {
        refusal = RPCError(
          code: .resourceExhausted,
          message: "\(state.calls.count) calls to \(server) are under way; try again later"
        )
      }
      let machine = ClientCallMachine(
        method: method,
        sendsInOnePiece: sendsInOnePiece,
        timeout: timeout,
        limits: limits,
        terms: terms
      )
      let call = ClientPipe(machine, id: id, link: self)
      if refusal == nil { state.calls[id] = (call, waitsForReady) }
      return (call, refusal)
    }
    if let refusal { call.step(.lost(refusal)) }
    return call
  }

  func book(_ effects: CallEffects, of call: UInt64) {
    let hasWork = state.withLock { state in
      if effects.isOver {
        state.calls[call] = nil
        state.deadlines.remove(call)
        return state.isClosing && state.calls.isEmpty
      }
      guard let deadline = effects.deadline, state.calls[call] != nil else { return false }
      let wasEarliest = state.deadlines.earliest.map { deadline < $0 } ?? true
      state.deadlines.set(deadline, for: call)
      // The thread hears of it in time by itself, unless it is very near.
      return wasEarliest && deadline < .now + SocketLoop.longestSleep
    }
    if hasWork { handle.nudge() }
  }

  func wake() { handle.nudge() }

  func hurry() { handle.hurry() }

  var callCount: Int { state.withLock { $0.calls.count } }

  // MARK: For the driver

  func step(_ input: ConnectionMachine.Input, now: MonotonicInstant) -> [ConnectionMachine.Effect] {
    state.withLock { $0.connection.step(input, now: now) }
  }

  /// Delivers records of calls, those of one call together.
  func deliver(_ records: ArraySlice<CallRecord>, now: MonotonicInstant) {
    var start = records.startIndex
    while start < records.endIndex {
      let id = records[start].call
      let end = records[start...].firstIndex { $0.call != id } ?? records.endIndex
      // What comes for a call that has ended is dropped here: its number is never used again.
      if let call = state.withLock({ $0.calls[id]?.call }) {
        call.receive(records[start..<end].lazy.map(\.content), now: now)
      }
      start = end
    }
  }

  func beginWaitingCalls(_ terms: WelcomeRecord) {
    for (call, _) in state.withLock({ Array($0.calls.values) }) { call.step(.ready(terms)) }
  }

  /// Ends every call, then drops what they still had in the outbox: in this order, so that nothing of the lost
  /// connection can reach the next one.
  func loseCalls(_ error: RPCError) {
    for (call, _) in state.withLock({ Array($0.calls.values) }) { call.step(.lost(error)) }
    outbox.clear()
  }

  func refuseImpatientCalls(_ error: RPCError) {
    let impatient = state.withLock { $0.calls.values.filter { !$0.waitsForReady } }
    for (call, _) in impatient { call.step(.refused(error)) }
  }

  func expireCalls(_ now: MonotonicInstant) {
    while let call = state.withLock({ state in state.deadlines.popExpired(now).map { state.calls[$0]?.call } }) {
      call?.step(.deadlinePassed)
    }
  }

  func nextTick() -> MonotonicInstant? {
    state.withLock { state in
      let connection = state.connection.nextTick(callCount: state.calls.count)
      guard let deadline = state.deadlines.earliest else { return connection }
      return min(connection ?? deadline, deadline)
    }
  }

  // MARK: The end

  /// No new calls; the driver closes once the last has ended.
  func beginClosing() {
    state.withLock { $0.isClosing = true }
    handle.wake()
  }

  var canClose: Bool { state.withLock { $0.isClosing && $0.calls.isEmpty } }

  /// Ends everything at once.
  func close(because error: RPCError) {
    let (calls, waiters) = state.withLock { state in
      state.isClosing = true
      state.isClosed = true
      defer { state.closeWaiters = [] }
      return (Array(state.calls.values), state.closeWaiters)
    }
    for (call, _) in calls { call.step(.lost(error)) }
    for waiter in waiters { waiter.resume() }
  }

  func waitUntilClosed() async {
    await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.closeWaiters.append(continuation) }
        return state.isClosed
      }
      if isClosed { continuation.resume() }
    }
  }
}
