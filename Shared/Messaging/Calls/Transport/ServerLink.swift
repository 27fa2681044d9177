import GRPCCore
import Synchronization

/// What a server's handlers and its driver on the socket thread share.
final class ServerLink: Sendable {
  typealias StreamHandler =
    @Sendable @concurrent (
      RPCStream<ZeroMQServerTransport.Inbound, ZeroMQServerTransport.Outbound>, ServerContext
    ) async -> Void

  /// Answers a call from beginning to end by itself.
  typealias DirectHandler = @Sendable (ServerPipe, StartedCall) async -> Void

  enum Stage: Sendable, Equatable {
    case serving
    /// Accepted calls may finish; new ones are refused.
    case draining
    /// What is still going on is called off.
    case aborting
    case finished
  }

  private struct State {
    var stage = Stage.serving
    var runningHandlers = 0
    var handler: StreamHandler?
    var methods: [String: MethodDescriptor] = [:]
    var directHandlers: [String: DirectHandler] = [:]
    /// Methods whose handlers may begin on the socket thread.
    var threadMethods: Set<String> = []
    /// Peers whose outbox has something to take.
    var busyPeers: [ServerPeer] = []
    var deadlines = DeadlineQueue<CallKey>()
    var finishWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let handle: DriverHandle
  private let state = Mutex(State())

  init(handle: DriverHandle) {
    self.handle = handle
  }

  // MARK: Set-up

  func register(_ methods: [MethodDescriptor]) {
    state.withLock { state in
      for method in methods { state.methods[method.fullyQualifiedMethod] = method }
    }
  }

  /// - Parameters:
  ///   - handlers: by `service/Method`; those of registered methods.
  ///   - threadMethods: those of them that may begin on the socket thread.
  func answer(with handlers: [String: DirectHandler], onThread threadMethods: Set<String>) {
    state.withLock { ($0.directHandlers, $0.threadMethods) = (handlers, threadMethods) }
  }

  func mayBeginOnThread(_ name: String) -> Bool { state.withLock { $0.threadMethods.contains(name) } }

  func serve(with handler: @escaping StreamHandler) {
    state.withLock { $0.handler = handler }
  }

  /// The method as it was registered, with its type; an unknown one as it was asked for, so that GRPCCore's router can
  /// say UNIMPLEMENTED; nil for what can't be a method's name.
  func method(named name: String) -> MethodDescriptor? {
    if let known = state.withLock({ $0.methods[name] }) { return known }
    guard let slash = name.lastIndex(of: "/"), slash > name.startIndex, name.index(after: slash) < name.endIndex
    else { return nil }
    return MethodDescriptor(
      fullyQualifiedService: String(name[..<slash]),
      method: String(name[name.index(after: slash)...])
    )
  }

  // MARK: Handlers

  /// Runs a call's handler in a task of its own; `limit` bounds how many run at once.
  /// - Parameter onThread: whether it begins at once, on the calling thread; it goes on in the pool after it has first
  ///   waited for something.
  /// - Returns: false when too many are running.
  func start(_ call: ServerPipe, _ context: StartedCall, limit: Int, onThread: Bool) -> Bool {
    let handlers = state.withLock { state -> (any: StreamHandler, direct: DirectHandler?)? in
      guard state.runningHandlers < limit, let handler = state.handler else { return nil }
      state.runningHandlers += 1
      return (handler, state.directHandlers[context.name])
    }
    guard let (handler, direct) = handlers else { return false }
    let task =
      if onThread {
        Task.immediate { [self] in await serve(call, context, handler, direct) }
      } else {
        Task { [self] in await serve(call, context, handler, direct) }
      }
    call.bind(task: task)
    return true
  }

  private func serve(
    _ call: ServerPipe,
    _ context: StartedCall,
    _ handler: StreamHandler,
    _ direct: DirectHandler?
  ) async {
    if let direct {
      await direct(call, context)
    } else {
      await withServerContextRPCCancellationHandle { handle in
        call.bind(handle: handle)
        await handler(context.stream(for: call), context.serverContext(handle))
      }
    }
    call.step(.finish)
    handlerEnded()
  }

  private func handlerEnded() {
    let isLast = state.withLock { state in
      state.runningHandlers -= 1
      return state.stage != .serving && state.runningHandlers == 0
    }
    if isLast { handle.nudge() }
  }

  var runningHandlers: Int { state.withLock { $0.runningHandlers } }

  // MARK: Books

  func watch(_ deadline: MonotonicInstant, for key: CallKey) {
    state.withLock { $0.deadlines.set(deadline, for: key) }
  }

  func unwatch(_ key: CallKey) {
    state.withLock { $0.deadlines.remove(key) }
  }

  func popExpired(_ now: MonotonicInstant) -> CallKey? {
    state.withLock { $0.deadlines.popExpired(now) }
  }

  var earliestDeadline: MonotonicInstant? { state.withLock { $0.deadlines.earliest } }

  func wake(_ peer: ServerPeer) {
    state.withLock { $0.busyPeers.append(peer) }
    handle.nudge()
  }

  func hurry(_ peer: ServerPeer) {
    state.withLock { $0.busyPeers.append(peer) }
    handle.hurry()
  }

  func takeBusyPeers() -> [ServerPeer] {
    state.withLock { state in
      guard !state.busyPeers.isEmpty else { return [] }
      defer { state.busyPeers = [] }
      return state.busyPeers
    }
  }

  // MARK: The end

  var stage: Stage { state.withLock { $0.stage } }

  func drain() { advance(to: .draining, from: [.serving]) }
  func abort() { advance(to: .aborting, from: [.serving, .draining]) }

  func finish() {
    let waiters = state.withLock { state in
      state.stage = .finished
      defer { state.finishWaiters = [] }
      return state.finishWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func waitUntilFinished() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.stage != .finished { state.finishWaiters.append(continuation) }
        return state.stage == .finished
      }
      if isOver { continuation.resume() }
    }
  }

  private func advance(to stage: Stage, from stages: [Stage]) {
    state.withLock { state in
      if stages.contains(state.stage) { state.stage = stage }
    }
    handle.wake()
  }
}
