import GRPCCore
import Synchronization

typealias ServerPipe = CallPipe<ServerCallMachine>

/// One client of a server: its calls and what waits to be sent to it.
final class ServerPeer: CallLink {
  private struct State {
    var calls: [UInt64: AcceptedCall] = [:]
    var bufferedBytes = 0
  }

  /// The ROUTER's name for it.
  let identity: [UInt8]
  /// Tells peers apart in the server's books.
  let number: UInt64
  let description: String
  /// Whose key its messages carry; nil where there are no keys.
  let caller: AuthenticatedCaller?
  let outbox = Outbox()
  private let server: ServerLink
  private let state = Mutex(State())

  init(_ identity: [UInt8], number: UInt64, caller: AuthenticatedCaller?, server: ServerLink) {
    self.identity = identity
    self.number = number
    self.caller = caller
    self.server = server
    description = "zeromq:" + identity.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  // MARK: Calls

  var callCount: Int { state.withLock { $0.calls.count } }
  var calls: [ServerPipe] { state.withLock { $0.calls.values.map(\.call) } }
  var acceptedCalls: [AcceptedCall] { state.withLock { Array($0.calls.values) } }
  var bufferedBytes: Int { state.withLock { $0.bufferedBytes } }

  func call(_ id: UInt64) -> ServerPipe? { state.withLock { $0.calls[id]?.call } }

  func add(_ accepted: AcceptedCall, deadline: MonotonicInstant?) {
    state.withLock { $0.calls[accepted.call.id] = accepted }
    accepted.usage?.calls.add(1, ordering: .relaxed)
    if let deadline { server.watch(deadline, for: CallKey(peer: number, call: accepted.call.id)) }
  }

  func book(_ effects: CallEffects, of call: UInt64) {
    let ended = state.withLock { state in
      state.bufferedBytes += effects.bufferedBytes
      return effects.isOver ? state.calls.removeValue(forKey: call) : nil
    }
    ended?.usage?.calls.subtract(1, ordering: .relaxed)
    if effects.isOver { server.unwatch(CallKey(peer: number, call: call)) }
  }

  func wake() { server.wake(self) }

  func hurry() { server.hurry(self) }

  /// Answers a call that isn't accepted.
  func refuse(_ call: UInt64, _ error: RPCError) {
    send([.status(error)], of: call)
  }

  func send(_ contents: [CallContent], of call: UInt64 = 0) {
    if outbox.append(contents, of: call) { server.wake(self) }
  }
}

/// A call under way: whose it is and what it calls.
struct AcceptedCall: Sendable {
  let call: ServerPipe
  let method: MethodDescriptor
  /// What it counts for; nil where the transport knows no keys.
  let usage: KeyUsage?
}

/// A call among those of all peers.
struct CallKey: Hashable, Sendable {
  let peer: UInt64
  let call: UInt64
}
