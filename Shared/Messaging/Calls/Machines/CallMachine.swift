import GRPCCore

/// One side of one call, as a value: told what happens, it says what is to be done. No I/O, no clock, no lock.
protocol CallMachine: Sendable {
  /// What the application reads.
  associatedtype Incoming: Sendable
  /// What the application writes.
  associatedtype Outgoing: Sendable

  mutating func step(_ input: CallInput<Outgoing>, now: MonotonicInstant) -> CallEffects

  /// The next part for the application, and what taking it brings about (credit for the peer).
  mutating func take() -> (taken: TakenPart<Incoming>, effects: CallEffects)

  /// Whether a part waits for room among what is on its way to the peer. What begins or ends a call doesn't: it is
  /// small, and there is one of it for each call.
  static func waitsForRoom(_ part: Outgoing) -> Bool

  /// Whether `take` would answer anything but `nothingYet`.
  var hasSomethingToTake: Bool { get }

  /// Whether writing a message would be answered with `blocked`.
  var blocksWriters: Bool { get }
}

enum CallInput<Outgoing: Sendable>: Sendable {
  // From the application.
  case write(Outgoing)
  /// Nothing more will be written.
  case finish
  /// The application has gone, because of an error or because it has seen enough.
  case abandon(RPCError?)
  // From the peer.
  case received(CallContent)
  // From the transport.
  case ready(WelcomeRecord)
  case lost(RPCError)
  /// There is no connection, and the call doesn't want to wait; nothing happens to one that is open.
  case refused(RPCError)
  case deadlinePassed
  /// The transport ends the call, and the peer is to know why.
  case interrupted(RPCError)
}

/// What a step asks of the shell around the machine.
struct CallEffects: Sendable, Equatable {
  enum WriteOutcome: Sendable, Equatable {
    case accepted
    /// No credit: write again after `wakesWriters`.
    case blocked
    case rejected(RPCError)
  }

  var records: [CallContent] = []
  var write = WriteOutcome.accepted
  var wakesReader = false
  var wakesWriters = false
  /// A deadline to watch, from now until the call is over.
  var deadline: MonotonicInstant?
  /// The peer and the application have parted: nothing more is sent or accepted for the call.
  var isOver = false
  /// The handler's work is no longer wanted.
  var cancelsHandler = false
  /// By how much the bytes held for the application have changed.
  var bufferedBytes = 0

  mutating func merge(_ later: CallEffects) {
    records.append(contentsOf: later.records)
    write = later.write
    wakesReader = wakesReader || later.wakesReader
    wakesWriters = wakesWriters || later.wakesWriters
    deadline = later.deadline ?? deadline
    isOver = isOver || later.isOver
    cancelsHandler = cancelsHandler || later.cancelsHandler
    bufferedBytes += later.bufferedBytes
  }
}

enum TakenPart<Part: Sendable>: Sendable {
  case part(Part)
  case nothingYet
  case end
  case failure(RPCError)
}

extension RPCError {
  static func tooLarge(_ what: String, byteCount: Int, limit: Int) -> RPCError {
    RPCError(
      code: .resourceExhausted,
      message: "the \(what) has \(byteCount) bytes; at most \(limit) are allowed"
    )
  }

  static func creditIgnored(by side: String) -> RPCError {
    RPCError(code: .resourceExhausted, message: "the \(side) sent more messages than it had credit for")
  }

  static let deadlineExceeded = RPCError(code: .deadlineExceeded, message: "the deadline passed before the call ended")
  static let cancelled = RPCError(code: .cancelled, message: "the call was cancelled")
  static let alreadyClosed = RPCError(code: .failedPrecondition, message: "nothing can be written after the end")
}
