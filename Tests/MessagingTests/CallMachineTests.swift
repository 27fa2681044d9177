import GRPCCore
import Testing

@testable import Messaging

private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

struct CallWindowTests {
  @Test func messagesRunOutAndComeBack() {
    var window = CreditWindow(StreamCredit(messages: 2, bytes: 100))
    window.spend(messageOf: 10)
    window.spend(messageOf: 10)
    #expect(!window.allowsMessage)
    window.add(StreamCredit(messages: 1, bytes: 0))
    #expect(window.allowsMessage)
  }

  @Test func oneMessageMayOverdrawTheBytes() {
    var window = CreditWindow(StreamCredit(messages: 9, bytes: 100))
    #expect(window.allowsMessage)
    window.spend(messageOf: 5000)
    #expect(!window.allowsMessage)
    window.add(StreamCredit(messages: 0, bytes: 4901))
    #expect(window.allowsMessage)
  }

  @Test func generosityHasACeiling() {
    var window = CreditWindow(StreamCredit(messages: 1, bytes: 1))
    for _ in 0..<10 { window.add(StreamCredit(messages: .max, bytes: .max)) }
    #expect(window.messages == Int64(UInt32.max))
  }

  @Test func halfAWindowIsReturnedAtOnce() {
    var meter = CreditMeter(StreamCredit(messages: 4, bytes: 1000))
    for _ in 0..<4 { #expect(meter.receive() == true) }
    #expect(meter.receive() == false, "a fifth message had no credit")
    #expect(meter.take(messageOf: 1) == nil)
    #expect(meter.take(messageOf: 1) == StreamCredit(messages: 2, bytes: 2))
    #expect(meter.receive() == true)
    #expect(meter.receive() == true)
    #expect(meter.take(messageOf: 600) == StreamCredit(messages: 1, bytes: 600))
  }
}

struct CallDeadlineQueueTests {
  @Test(arguments: 0..<20)
  func agreesWithASortedList(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var queue = DeadlineQueue<Int>()
    var model: [Int: Int64] = [:]
    for _ in 0..<2000 {
      let id = Int.random(in: 0..<100, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6:
        let at = Int64.random(in: 0..<1000, using: &random)
        queue.set(MonotonicInstant(nanoseconds: at), for: id)
        model[id] = at
      case 6..<9:
        queue.remove(id)
        model[id] = nil
      default:
        let now = Int64.random(in: 0..<1000, using: &random)
        while let expired = queue.popExpired(MonotonicInstant(nanoseconds: now)) {
          #expect(model[expired] == model.values.min())
          model[expired] = nil
        }
        #expect(model.values.allSatisfy { $0 > now })
      }
      #expect(queue.count == model.count)
      #expect(queue.earliest?.nanoseconds == model.values.min())
    }
  }
}

struct CallLeaseTests {
  @Test func silenceIsAskedAboutAndThenBelieved() {
    var lease = Lease(.milliseconds(600), from: start)
    #expect(lease.asks(start + .milliseconds(99)) == false)
    #expect(lease.asks(start + .milliseconds(100)) == true)
    #expect(lease.asks(start + .milliseconds(150)) == false)
    #expect(lease.isExpired(start + .milliseconds(599)) == false)
    lease.renew(start + .milliseconds(599))
    #expect(lease.isExpired(start + .milliseconds(1198)) == false)
    #expect(lease.isExpired(start + .milliseconds(1199)))
  }
}

struct CallClientMachineTests {
  private func machine(inOnePiece: Bool = false, terms: WelcomeRecord? = .assumed) -> ClientCallMachine {
    ClientCallMachine(method: "s/M", sendsInOnePiece: inOnePiece, limits: CallLimits(), terms: terms)
  }

  @Test func aUnaryRequestIsOneBurst() {
    var machine = machine(inOnePiece: true)
    #expect(machine.step(.write(.metadata(["grpc-timeout": "2S", "a": "b"])), now: start).records.isEmpty)
    #expect(machine.step(.write(.message([1])), now: start).records.isEmpty)
    let records = machine.step(.finish, now: start + .seconds(1)).records
    let open = OpenRecord(method: "s/M", remaining: .seconds(1), window: CallLimits().window, metadata: ["a": "b"])
    #expect(records == [.open(open), .message([1], closes: true)])
  }

  @Test func nothingIsSentBeforeTheConnectionIsReady() {
    var machine = machine(terms: nil)
    #expect(machine.step(.write(.metadata([:])), now: start).records.isEmpty)
    #expect(machine.step(.write(.message([1])), now: start).records.isEmpty)
    let records = machine.step(.ready(.assumed), now: start).records
    #expect(records.count == 2)
    #expect(machine.step(.write(.message([2])), now: start).records == [.message([2], closes: false)])
    #expect(machine.step(.finish, now: start).records == [.end])
  }

  @Test func aSmallerWindowThanAssumedIsKept() {
    var machine = machine(terms: nil)
    _ = machine.step(.write(.metadata([:])), now: start)
    for _ in 0..<3 { #expect(machine.step(.write(.message([0])), now: start).write == .accepted) }
    var terms = WelcomeRecord.assumed
    terms.window = StreamCredit(messages: 3, bytes: 1000)
    _ = machine.step(.ready(terms), now: start)
    #expect(machine.step(.write(.message([0])), now: start).write == .blocked)
    #expect(machine.step(.received(.credit(StreamCredit(messages: 1, bytes: 1))), now: start).wakesWriters)
    #expect(machine.step(.write(.message([0])), now: start).write == .accepted)
  }

  @Test func theStatusReleasesBlockedWritersAndEndsTheCallOnce() {
    var machine = machine()
    _ = machine.step(.write(.metadata([:])), now: start)
    while machine.step(.write(.message([0])), now: start).write == .accepted {}
    #expect(machine.blocksWriters)
    let effects = machine.step(.received(.status(Status(code: .ok, message: ""), [:])), now: start)
    #expect(effects.wakesWriters && effects.wakesReader && effects.isOver)
    #expect(!machine.blocksWriters)
    #expect(machine.step(.abandon(nil), now: start) == CallEffects(), "no CANCEL after the end")
    guard case .part(.status) = machine.take().taken, case .end = machine.take().taken else {
      return #expect(Bool(false))
    }
  }

  @Test func whatComesAfterTheEndIsDropped() {
    var machine = machine()
    _ = machine.step(.write(.metadata([:])), now: start)
    #expect(machine.step(.abandon(nil), now: start).records == [.cancel])
    #expect(machine.step(.received(.headers(["late": "x"])), now: start) == CallEffects())
    guard case .failure(let error) = machine.take().taken else { return #expect(Bool(false)) }
    #expect(error.code == .cancelled)
    guard case .rejected = machine.step(.write(.message([1])), now: start).write else { return #expect(Bool(false)) }
  }

  @Test func anAbandonedCallThatNeverOpenedSendsNothing() {
    var machine = machine(inOnePiece: true)
    _ = machine.step(.write(.metadata([:])), now: start)
    #expect(machine.step(.abandon(nil), now: start).records.isEmpty)
    #expect(machine.step(.finish, now: start).records.isEmpty, "a child task that outlives the call opens nothing")
  }

  @Test func limitsHoldBothWays() {
    var limits = CallLimits()
    limits.largestRequestBytes = 10
    limits.largestResponseBytes = 10
    var machine = ClientCallMachine(method: "s/M", sendsInOnePiece: false, limits: limits, terms: .assumed)
    _ = machine.step(.write(.metadata([:])), now: start)
    guard case .rejected(let error) = machine.step(.write(.message([UInt8](repeating: 0, count: 11))), now: start).write
    else { return #expect(Bool(false)) }
    #expect(error.code == .resourceExhausted)
    machine = ClientCallMachine(method: "s/M", sendsInOnePiece: false, limits: limits, terms: .assumed)
    _ = machine.step(.write(.metadata([:])), now: start)
    let effects = machine.step(.received(.message([UInt8](repeating: 0, count: 11), closes: false)), now: start)
    #expect(effects.records == [.cancel] && effects.isOver)
  }
}

struct CallServerMachineTests {
  private func machine(window: StreamCredit = CallLimits().window, inOnePiece: Bool = false) -> ServerCallMachine {
    let open = OpenRecord(method: "s/M", remaining: nil, window: window, metadata: ["a": "b"])
    return ServerCallMachine(open, sendsInOnePiece: inOnePiece, limits: CallLimits())
  }

  @Test func aUnaryAnswerIsOneBurst() {
    var machine = machine(inOnePiece: true)
    #expect(machine.step(.write(.metadata([:])), now: start).records.isEmpty)
    #expect(machine.step(.write(.message([1])), now: start).records.isEmpty)
    let effects = machine.step(.write(.status(Status(code: .ok, message: ""), ["position": "p"])), now: start)
    #expect(
      effects.records == [
        .headers([:]), .message([1], closes: false), .status(Status(code: .ok, message: ""), ["position": "p"]),
      ]
    )
    #expect(effects.isOver && !effects.cancelsHandler)
  }

  @Test func aWriterWithoutCreditWaits() {
    var machine = machine(window: StreamCredit(messages: 1, bytes: 100))
    #expect(machine.step(.write(.message([1])), now: start).write == .accepted)
    #expect(machine.step(.write(.message([1])), now: start).write == .blocked)
    #expect(machine.step(.received(.credit(StreamCredit(messages: 1, bytes: 1))), now: start).wakesWriters)
    #expect(machine.step(.write(.message([1])), now: start).write == .accepted)
  }

  @Test func cancelReachesTheHandlerAndNobodyElse() {
    var machine = machine()
    let effects = machine.step(.received(.cancel), now: start)
    #expect(effects.cancelsHandler && effects.isOver && effects.records.isEmpty)
    #expect(machine.step(.write(.status(Status(code: .ok, message: ""), [:])), now: start).records.isEmpty)
  }

  @Test func theDeadlineAnswersForTheHandler() {
    var machine = machine()
    let effects = machine.step(.deadlinePassed, now: start)
    guard case .status(let status, _) = effects.records.first else { return #expect(Bool(false)) }
    #expect(status.code == .deadlineExceeded)
    #expect(effects.cancelsHandler)
    #expect(machine.step(.deadlinePassed, now: start) == CallEffects())
  }

  @Test func aClientThatIgnoresCreditIsCutOff() {
    var machine = machine()
    var effects = CallEffects()
    for _ in 0...CallLimits().window.messages {
      effects = machine.step(.received(.message([1], closes: false)), now: start)
    }
    guard case .status(let status, _) = effects.records.first else { return #expect(Bool(false)) }
    #expect(status.code == .resourceExhausted)
    #expect(effects.bufferedBytes == -256, "what was held for the handler is given back")
  }
}
