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

struct CallConnectionMachineTests {
  private func ready() -> ConnectionMachine {
    var machine = ConnectionMachine(server: "s", now: start)
    #expect(machine.step(.connected, now: start) == [.send(.hello(version: 1))])
    #expect(machine.step(.received(.welcome(.assumed)), now: start) == [.ready(.assumed)])
    return machine
  }

  @Test func callsWaitAWhileAndAreThenRefused() {
    var machine = ConnectionMachine(server: "s", now: start)
    #expect(machine.admission(waitsForReady: false) == .wait)
    #expect(machine.nextTick(callCount: 0) == start + ConnectionMachine.patience)
    let effects = machine.step(.tick(callCount: 1), now: start + ConnectionMachine.patience)
    guard case .refuse(let error) = effects.first else { return #expect(effects.isEmpty) }
    #expect(error.code == .unavailable)
    #expect(machine.admission(waitsForReady: false) == .refuse(error))
    #expect(machine.admission(waitsForReady: true) == .wait)
    #expect(machine.nextTick(callCount: 1) == nil, "nothing to do until a connection succeeds")
  }

  @Test func aLostConnectionEndsCallsOnceAndHeals() {
    var machine = ready()
    let lost = machine.step(.disconnected, now: start)
    #expect(lost.count == 1)
    #expect(machine.step(.disconnected, now: start).isEmpty)
    #expect(machine.step(.connected, now: start) == [.send(.hello(version: 1))])
    #expect(machine.step(.received(.welcome(.assumed)), now: start) == [.ready(.assumed)])
  }

  @Test func aSilentServerIsAskedAndThenGivenUp() {
    var machine = ready()
    #expect(machine.nextTick(callCount: 0) == nil, "an idle connection costs nothing")
    #expect(machine.step(.tick(callCount: 1), now: start + .milliseconds(250)) == [.send(.ping)])
    _ = machine.step(.received(.pong), now: start + .milliseconds(300))
    #expect(machine.step(.tick(callCount: 1), now: start + .milliseconds(1700)).contains(.send(.ping)))
    let effects = machine.step(.tick(callCount: 1), now: start + .milliseconds(1801))
    #expect(effects.contains(.reopenSocket), "what is queued for the frozen server must not reach it when it thaws")
    #expect(effects.count == 2)
  }

  @Test func aDrainingServerGetsNoNewCalls() {
    var machine = ready()
    _ = machine.step(.received(.goAway), now: start)
    guard case .refuse(let error) = machine.admission(waitsForReady: false) else { return #expect(Bool(false)) }
    #expect(error.code == .unavailable)
    #expect(machine.admission(waitsForReady: true) == .wait)
  }

  @Test func anotherVersionIsRefusedInWords() {
    var machine = ConnectionMachine(server: "s", now: start)
    var terms = WelcomeRecord.assumed
    terms.version = 2
    _ = machine.step(.received(.welcome(terms)), now: start)
    guard case .refuse(let error) = machine.admission(waitsForReady: false) else { return #expect(Bool(false)) }
    #expect(error.code == .failedPrecondition)
    #expect(error.message.contains("version 2"))
  }
}

struct CallPeerMachineTests {
  @Test func onlyWhoSaidHelloIsHeldToItsLease() {
    for greets in [false, true] {
      var machine = PeerMachine(lease: .seconds(1), now: start)
      if greets { #expect(machine.step(.greeted, now: start) == [.resetCalls, .welcome]) }
      #expect(machine.step(.tick(callCount: 1), now: start + .milliseconds(500)) == [.ping])
      let late = machine.step(.tick(callCount: 1), now: start + .milliseconds(1001))
      #expect(late == (greets ? [.expired] : [.ping]))
    }
  }

  @Test func idlePeersAreForgottenInTime() {
    var machine = PeerMachine(lease: .seconds(1), now: start)
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(59)).isEmpty)
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(60)) == [.forget])
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

struct CallSimulationTests {
  /// Client and server machines joined by two queues, under a random order of everything: whatever happens, both ends
  /// come to an end, messages stay in order, and a call that isn't cut short delivers all of them.
  @Test(arguments: 0..<300)
  func bothEndsAgree(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var limits = CallLimits()
    limits.window = StreamCredit(messages: UInt32.random(in: 1...4, using: &random), bytes: 64)
    var terms = WelcomeRecord.assumed
    terms.window = limits.window
    var client = ClientCallMachine(
      method: "s/M",
      sendsInOnePiece: Bool.random(using: &random),
      limits: limits,
      terms: terms
    )
    var server: ServerCallMachine?
    var toServer: [CallContent] = []
    var toClient: [CallContent] = []
    let isServedInOnePiece = Bool.random(using: &random)
    let isCutShort = UInt8.random(in: 0..<4, using: &random) == 0
    var requests = (0..<UInt8.random(in: 0..<4, using: &random)).map { [$0] }
    var answers = (0..<UInt8.random(in: 0..<30, using: &random)).map { [$0] }
    let expected = (requests, answers)
    var seenByServer: [[UInt8]] = []
    var seenByClient: [[UInt8]] = []
    var ends = (client: false, server: false)
    var hasFinished = false

    toServer += client.step(.write(.metadata([:])), now: start).records
    for _ in 0..<5000 where !(ends.client && toServer.isEmpty && toClient.isEmpty) {
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        if let request = requests.first {
          let effects = client.step(.write(.message(request)), now: start)
          toServer += effects.records
          if effects.write == .accepted { requests.removeFirst() }
        } else if !hasFinished {
          hasFinished = true
          toServer += client.step(.finish, now: start).records
        }
      case 1:
        guard !toServer.isEmpty else { continue }
        let content = toServer.removeFirst()
        if case .open(let open) = content {
          server = ServerCallMachine(open, sendsInOnePiece: isServedInOnePiece, limits: limits)
        } else {
          toClient += server?.step(.received(content), now: start).records ?? []
        }
      case 2:
        guard let (taken, effects) = server?.take() else { continue }
        toClient += effects.records
        if case .part(.message(let message)) = taken { seenByServer.append(message) }
        if case .end = taken { ends.server = true }
      case 3:
        guard ends.server else { continue }
        if let answer = answers.first {
          let effects = server?.step(.write(.message(answer)), now: start) ?? CallEffects()
          toClient += effects.records
          if effects.write == .accepted { answers.removeFirst() }
        } else {
          toClient += server?.step(.write(.status(Status(code: .ok, message: ""), [:])), now: start).records ?? []
        }
      case 4:
        guard !toClient.isEmpty else { continue }
        toServer += client.step(.received(toClient.removeFirst()), now: start).records
      default:
        if isCutShort, UInt8.random(in: 0..<50, using: &random) == 0 {
          toServer += client.step(.abandon(nil), now: start).records
        }
        let (taken, effects) = client.take()
        toServer += effects.records
        switch taken {
        case .part(.message(let message)): seenByClient.append(message)
        case .end, .failure: ends.client = true
        default: break
        }
      }
    }
    #expect(ends.client)
    #expect(seenByServer == Array(expected.0.prefix(seenByServer.count)))
    #expect(seenByClient == Array(expected.1.prefix(seenByClient.count)))
    if !isCutShort {
      #expect(seenByServer == expected.0)
      #expect(seenByClient == expected.1)
    }
  }
}
