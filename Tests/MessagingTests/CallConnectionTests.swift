import GRPCCore
import Testing

@testable import Messaging

private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

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

  @Test func patienceBeginsWithConnecting() {
    var machine = ConnectionMachine(server: "s", now: start)
    let late = start + ConnectionMachine.patience + .seconds(1)
    #expect(machine.step(.began, now: late).isEmpty)
    #expect(machine.step(.tick(callCount: 1), now: late).isEmpty)
    #expect(machine.nextTick(callCount: 1) == late + ConnectionMachine.patience)
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

  @Test func aGreetingThatNobodyAnswersIsTriedOnAnotherConnection() {
    var machine = ConnectionMachine(server: "s", now: start)
    var now = start
    for wait in [1500, 3000, 6000, 12_000, 12_000] {
      #expect(machine.step(.connected, now: now) == [.send(.hello(version: 1))])
      let due = now + .milliseconds(wait)
      _ = machine.step(.tick(callCount: 1), now: now + .milliseconds(wait - 1))
      #expect(machine.nextTick(callCount: 0) == due)
      #expect(machine.step(.tick(callCount: 0), now: due) == [.reopenSocket])
      #expect(machine.nextTick(callCount: 0) == nil)
      now = due
    }
    #expect(machine.step(.connected, now: now) == [.send(.hello(version: 1))])
    #expect(machine.step(.received(.welcome(.assumed)), now: now) == [.ready(.assumed)])
    #expect(machine.step(.tick(callCount: 0), now: now + .seconds(60)).isEmpty)
    // It has been answered, so the next one isn't waited for so long.
    _ = machine.step(.disconnected, now: now)
    _ = machine.step(.connected, now: now)
    #expect(machine.step(.tick(callCount: 0), now: now + .milliseconds(1500)).contains(.reopenSocket))
  }

  @Test func whoIsDisconnectedWaitsForNoWelcome() {
    var machine = ConnectionMachine(server: "s", now: start)
    _ = machine.step(.connected, now: start)
    _ = machine.step(.disconnected, now: start)
    #expect(!machine.step(.tick(callCount: 0), now: start + .seconds(60)).contains(.reopenSocket))
  }

  @Test func goodbyeIsAnsweredOnceEverythingBeforeItHasBeenRead() {
    var machine = ready()
    let effects = machine.step(.received(.goodbye), now: start)
    // In this order: with the calls goes what is queued for the connection.
    guard effects.count == 2, case .lost = effects[0] else { return #expect(effects.isEmpty) }
    #expect(effects[1] == .send(.goodbye))
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
  @Test func onlyWhoSaidHelloAndHasNotLeftAnswersGoodbye() {
    var machine = PeerMachine(lease: .seconds(1), now: start)
    #expect(!machine.answersGoodbye)
    _ = machine.step(.greeted, now: start)
    #expect(machine.answersGoodbye)
    #expect(machine.step(.left, now: start) == [.resetCalls])
    #expect(!machine.answersGoodbye)
    _ = machine.step(.greeted, now: start)
    #expect(machine.answersGoodbye)
  }

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

  /// Were it forgotten, its next call would be a stranger's: not held to a lease, and not waited for at the end.
  @Test func whoSaidHelloIsAskedBeforeItIsForgotten() {
    var machine = PeerMachine(lease: .seconds(1), now: start)
    _ = machine.step(.greeted, now: start)
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(59)).isEmpty)
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(60)) == [.ping])
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(61)).isEmpty)
    _ = machine.step(.received, now: start + .seconds(61))
    for minute in 1..<10 {
      #expect(machine.step(.tick(callCount: 0), now: start + .seconds(61 + 60 * minute)) == [.ping])
    }
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(61 + 600)) == [.forget])
    _ = machine.step(.received, now: start + .seconds(700))
    _ = machine.step(.left, now: start + .seconds(700))
    #expect(machine.step(.tick(callCount: 0), now: start + .seconds(760)) == [.forget])
  }
}
