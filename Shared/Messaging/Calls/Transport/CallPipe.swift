import GRPCCore
import Synchronization

/// What a call needs of the connection that it runs on.
protocol CallLink: AnyObject, Sendable {
  var outbox: Outbox { get }
  /// Books what a step brought about. Called under the call's lock, so that a call's records and its end can't
  /// overtake each other; takes only locks of its own and returns at once.
  func book(_ effects: CallEffects, of call: UInt64)
  /// The outbox has something for the socket thread.
  func wake()
  /// The same, by the caller's own hand where that is possible. Not called under a lock.
  func hurry()
}

/// The shell around a call's machine: the lock, the tasks that wait, and the way to the socket thread.
///
/// One lock over both directions and over the order of records: otherwise a child task that outlives its call could
/// send OPEN after CANCEL, and the server would keep that call for ever.
final class CallPipe<Machine: CallMachine>: Sendable {
  private struct State {
    var machine: Machine
    var readers = Parking()
    var writers = Parking()
    var nextTicket: UInt64 = 0
    var handler = HandlerBond()
    var wantsHandlerCancelled = false
  }

  /// What is left to do once the lock is released.
  private struct Aftermath {
    var continuations: [CheckedContinuation<Void, Never>] = []
    var wakesThread = false
    var handler: HandlerBond?
    var write = CallEffects.WriteOutcome.accepted
  }

  let id: UInt64
  private let link: any CallLink
  private let state: Mutex<State>

  init(_ machine: Machine, id: UInt64, link: any CallLink) {
    self.id = id
    self.link = link
    state = Mutex(State(machine: machine))
  }

  // MARK: For the application

  /// The next part; nil at the end.
  /// - Throws: `RPCError`, never `CancellationError`, which GRPCCore would report as UNKNOWN.
  func next() async throws -> Machine.Incoming? { try await next(atMost: 1, bytes: .max).first }

  /// The next parts, as many as have come, at most `most` of them, and no more once they are `bytes` together; none at
  /// the end.
  /// - Throws: as `next` does, once everything before has been taken.
  func next(atMost most: Int, bytes: Int) async throws -> [Machine.Incoming] {
    while true {
      let (parts, last, aftermath) = state.withLock { state in
        var parts: [Machine.Incoming] = []
        var effects = CallEffects()
        while true {
          let (taken, more) = state.machine.take()
          effects.merge(more)
          guard case .part(let part) = taken else { return (parts, taken, settle(effects, in: &state)) }
          parts.append(part)
          guard parts.count < most, -effects.bufferedBytes < bytes else {
            return (parts, taken, settle(effects, in: &state))
          }
        }
      }
      perform(aftermath)
      if !parts.isEmpty { return parts }
      switch last {
      case .part, .end: return []
      case .failure(let error): throw error
      case .nothingYet: try await park(forReading: true)
      }
    }
  }

  /// - Throws: `RPCError` when the part can't be sent (any more).
  func write(_ part: Machine.Outgoing) async throws {
    while true {
      if Machine.waitsForRoom(part), link.outbox.isFull {
        await link.outbox.waitForRoom()
        if Task.isCancelled { throw RPCError.cancelled }
      }
      switch step(.write(part)) {
      case .accepted: return
      case .rejected(let error): throw error
      case .blocked: try await park(forReading: false)
      }
    }
  }

  // MARK: For everybody

  /// - Parameter hurries: whether the caller sends by its own hand, as nothing more is going to fill the frame. Not under
  ///   a lock.
  @discardableResult
  func step(_ input: CallInput<Machine.Outgoing>, hurries: Bool = false) -> CallEffects.WriteOutcome {
    let aftermath = state.withLock { state in
      let effects = state.machine.step(input, now: .now)
      return settle(effects, in: &state)
    }
    perform(aftermath, hurries: hurries)
    return aftermath.write
  }

  /// Takes several records under one lock, and wakes whoever waits for them once.
  func receive(_ contents: some Sequence<CallContent>, now: MonotonicInstant) {
    let aftermath = state.withLock { state in
      var all = CallEffects()
      for content in contents { all.merge(state.machine.step(.received(content), now: now)) }
      return settle(all, in: &state)
    }
    perform(aftermath)
  }

  /// Ties the call to the task of the handler that serves it, which is cancelled with it.
  func bind(task: Task<Void, Never>) { bind(HandlerBond(task: task)) }

  /// Ties the call to the handle by which GRPCCore tells the handler of its cancellation.
  func bind(handle: ServerContext.RPCCancellationHandle) { bind(HandlerBond(handle: handle)) }

  private func bind(_ end: HandlerBond) {
    let isTooLate = state.withLock { state in
      state.handler.task = end.task ?? state.handler.task
      state.handler.handle = end.handle ?? state.handler.handle
      return state.wantsHandlerCancelled
    }
    if isTooLate { end.cancel() }
  }

  // MARK: Inside

  private func settle(_ effects: CallEffects, in state: inout State) -> Aftermath {
    var aftermath = Aftermath(write: effects.write)
    if !effects.records.isEmpty { aftermath.wakesThread = link.outbox.append(effects.records, of: id) }
    if effects.isOver || effects.deadline != nil || effects.bufferedBytes != 0 { link.book(effects, of: id) }
    if effects.wakesReader { aftermath.continuations = state.readers.removeAll() }
    if effects.wakesWriters { aftermath.continuations += state.writers.removeAll() }
    if effects.cancelsHandler {
      state.wantsHandlerCancelled = true
      aftermath.handler = state.handler
    }
    return aftermath
  }

  private func perform(_ aftermath: Aftermath, hurries: Bool = false) {
    if aftermath.wakesThread { hurries ? link.hurry() : link.wake() }
    aftermath.handler?.cancel()
    for continuation in aftermath.continuations { continuation.resume() }
  }

  private func park(forReading: Bool) async throws {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          // The cancellation handler takes the same lock, so it comes either before this test or after the parking.
          guard !Task.isCancelled else { return true }
          if forReading {
            guard !state.machine.hasSomethingToTake else { return true }
            state.readers.add(continuation, ticket: ticket)
          } else {
            guard state.machine.blocksWriters else { return true }
            state.writers.add(continuation, ticket: ticket)
          }
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { forReading ? $0.readers.remove(ticket) : $0.writers.remove(ticket) }?.resume()
    }
    if Task.isCancelled { throw RPCError.cancelled }
  }
}

/// A handler's two ends that cancellation has to reach: GRPCCore signals only its handle, so the Task is cancelled too.
private struct HandlerBond: Sendable {
  var task: Task<Void, Never>?
  var handle: ServerContext.RPCCancellationHandle?

  func cancel() {
    handle?.cancel()
    task?.cancel()
  }
}

extension RPCError {
  /// Any error as one that GRPCCore can report.
  init(converting error: any Error) {
    switch error {
    case let error as RPCError: self = error
    case let error as any RPCErrorConvertible: self = RPCError(error)
    case is CancellationError: self = .cancelled
    default: self = RPCError(code: .unknown, message: "the other end of the call failed", cause: error)
    }
  }
}
