import Contracts
import Messaging
import Records
import Testing

/// What a subscription does about slowness, silence, failures and other histories.
struct SubscriptionMachineTroubleTests {
  typealias Bench = SubscriptionMachineTests.Bench

  private func liveBench(_ change: (inout SubscriptionSettings) -> Void = { _ in }) -> (Bench, TestHistory) {
    let history = SubscriptionMachineTests.history([1])
    var bench = Bench(change)
    bench.goLive(history)
    return (bench, history)
  }

  // MARK: Slowness

  @Test func aSinkSlowerThanTheFeedMakesItLeaveTheFeedAndPullOnceThereIsRoom() {
    var (bench, history) = liveBench { $0.deliveryWindowBytes = 400 }
    let frames = (0..<6).map { _ in history.append(records: 1) }
    bench.step(.liveFrames(frames))
    #expect(bench.machine.phase == .pulling)
    #expect(bench.leavesFeed)
    #expect(!bench.startsPull)
    #expect(bench.applied.count == 5)
    bench.step(.applied(3))
    #expect(bench.startsPull)
    #expect(bench.pull?.creditBytes == 200)
    bench.endPull(Array(frames[4...]), head: history.head)
    bench.step(.applied(7))
    #expect(bench.asksForFeed)
    #expect(bench.machine.phase == .overlapping)
    #expect(bench.applied == Array(1...7))
  }

  @Test func aFullReorderBufferMakesItLeaveTheFeedAndKeepNothing() {
    var (bench, history) = liveBench { $0.reorderBufferBytes = 250 }
    history.append(records: 1)
    bench.step(.liveFrames([history.append(records: 1), history.append(records: 1)]))
    #expect(bench.machine.phase == .overlapping)
    bench.step(.liveFrames([history.append(records: 1)]))
    #expect(bench.leavesFeed)
    #expect(bench.machine.counters.droppedFrames == 3)
    #expect(bench.machine.counters.lags == 1)
    bench.pass(.milliseconds(20))
    bench.endPull(Array(history.frames[1...]), head: history.head)
    #expect(bench.applied == Array(1...5))
  }

  @Test func creditIsToppedUpByHalves() {
    let history = SubscriptionMachineTests.history(Array(repeating: 1, count: 8))
    var bench = Bench { $0.deliveryWindowBytes = 400 }
    bench.step(.started(.beginning))
    guard let pull = bench.pull else { return #expect(Bool(false), "no pull was started") }
    #expect(pull.creditBytes == 400)
    bench.step(.pulled(id: pull.id, frames: Array(history.frames[0..<4])))
    bench.step(.applied(1))
    #expect(bench.effects.isEmpty)
    bench.step(.applied(2))
    guard case .grant(pull.id, 200)? = bench.effects.first else {
      return #expect(Bool(false), "half of the window was free and not granted")
    }
  }

  @Test func anOverflowOnTheWayInCountsAsLag() {
    var (bench, _) = liveBench()
    bench.step(.liveOverflowed)
    #expect(bench.machine.phase == .pulling)
    #expect(bench.startsPull)
  }

  // MARK: Silence and failures

  @Test func aSilentFeedIsAskedForAgainAndTheJournalIsLookedInto() {
    var (bench, history) = liveBench()
    bench.pass(.milliseconds(3400))
    #expect(bench.machine.phase == .live)
    bench.pass(.milliseconds(100))
    #expect(bench.asksForFeed)
    #expect(bench.machine.phase == .overlapping)
    bench.pass(.milliseconds(20))
    #expect(bench.startsPull)
    bench.endPull([], head: history.head)
    bench.step(.liveHead(history.head))
    #expect(bench.machine.phase == .live)
  }

  @Test func aLostConnectionMustProveItselfAnew() {
    var (bench, history) = liveBench()
    bench.step(.disconnected)
    #expect(bench.machine.phase == .overlapping)
    #expect(!bench.startsPull)
    bench.step(.liveFrames([history.append(records: 1)]))
    #expect(bench.machine.phase == .live)
  }

  @Test func failedPullsBackOffWithJitterAndAWelcomeEndsTheWait() throws {
    let history = SubscriptionMachineTests.history([1])
    var bench = Bench()
    bench.step(.started(.beginning))
    let down = Fault(.unavailable, reason: "down", "Nobody listens there.")
    var waits: [Duration] = []
    for _ in 0..<8 {
      bench.step(.pullFailed(id: try #require(bench.pull).id, down))
      #expect(bench.machine.lastFault == down)
      let due = try #require(bench.machine.wakeUp)
      waits.append(due - bench.now)
      bench.pass(.seconds(2))
    }
    #expect(waits[0] <= .milliseconds(50))
    #expect(waits[7] >= .seconds(1))
    #expect(waits.allSatisfy { $0 <= .seconds(2) })
    bench.step(.pullFailed(id: try #require(bench.pull).id, down))
    bench.step(.liveHead(history.head))
    bench.pass(.milliseconds(20))
    #expect(bench.startsPull)
    bench.endPull(history.frames, head: history.head)
    #expect(bench.machine.phase == .live)
    #expect(bench.machine.lastFault == nil)
  }

  @Test func aPullThatStallsIsGivenUpAndWhatItStillBringsIsIgnored() throws {
    let history = SubscriptionMachineTests.history([1])
    var bench = Bench()
    bench.step(.started(.beginning))
    let stalled = try #require(bench.pull)
    bench.pass(.seconds(10))
    guard case .cancelPull(stalled.id)? = bench.effects.first else {
      return #expect(Bool(false), "the stalled pull was not cancelled")
    }
    bench.step(.pulled(id: stalled.id, frames: history.frames))
    #expect(bench.applied.isEmpty)
    bench.pass(.milliseconds(50))
    #expect(bench.startsPull)
    #expect(bench.pull?.id != stalled.id)
  }

  @Test func aJournalThatSkipsRecordsIsNotBelieved() {
    let history = SubscriptionMachineTests.history([1, 1, 1])
    var bench = Bench()
    bench.step(.started(.beginning))
    bench.endPull([history.frames[0], history.frames[2]], head: history.head)
    #expect(bench.applied == [1])
    #expect(bench.machine.lastFault?.code == .dataLoss)
    #expect(bench.failure == nil)
  }

  // MARK: Other histories

  @Test func aFrameWithAnotherPastIsADivergence() {
    var (bench, _) = liveBench()
    var other = TestHistory()
    other.append([99])
    bench.step(.liveFrames([other.append(records: 1)]))
    guard case .diverged = bench.failure else { return #expect(Bool(false), "merged another history") }
    #expect(bench.applied == [1])
    #expect(bench.leavesFeed)
    #expect(bench.machine.wakeUp == nil)
  }

  @Test func aHeadWithAnotherHashAtOurPositionIsADivergence() {
    var (bench, _) = liveBench()
    var other = TestHistory()
    other.append([99])
    bench.step(.liveHead(other.head))
    guard case .diverged = bench.failure else { return #expect(Bool(false), "believed another history") }
  }

  @Test func aFrameAcrossAnAnchoredCursorIsADivergence() {
    var (bench, _) = liveBench()
    var other = TestHistory()
    bench.step(.liveFrames([other.append(records: 3)]))
    guard case .diverged = bench.failure else { return #expect(Bool(false), "merged another history") }
    #expect(bench.applied == [1])
  }

  @Test func aHeadBeforeOursIsVerifiedByAPull() throws {
    var (bench, _) = liveBench()
    bench.step(.liveHead(TestHistory().head))
    #expect(bench.failure == nil)
    bench.pass(.milliseconds(20))
    #expect(bench.startsPull)
    let answer = Fault(.failedPrecondition, reason: "diverged", "The journal ends at 0.")
    bench.step(.pullFailed(id: try #require(bench.pull).id, answer))
    guard case .diverged = bench.failure else { return #expect(Bool(false), "a rolled back journal went unnoticed") }
  }

  @Test func aNewEpochThatContinuesTheSameRecordsGoesOn() {
    var (bench, history) = liveBench()
    history.head.identity.epoch = 8
    bench.step(.liveFrames([history.append(records: 1)]))
    #expect(bench.applied == [1, 2])
    #expect(bench.machine.epoch == 8)
    // The hashes fit, but it asks the journal all the same.
    bench.pass(.milliseconds(20))
    bench.endPull([], head: history.head)
    #expect(bench.machine.phase == .live)
  }

  @Test func whatWasHeardBeforeARestoreIsForgotten() {
    var (bench, history) = liveBench()
    var lost = history
    lost.append(records: 3)
    bench.step(.liveFrames([lost.append(records: 2)]))
    #expect(bench.machine.lagRecords == 5)
    history.head.identity.epoch = 8
    bench.step(.liveHead(history.head))
    #expect(bench.machine.lagRecords == 0)
    bench.pass(.milliseconds(20))
    bench.endPull([], head: history.head)
    #expect(bench.machine.phase == .live)
    bench.step(.liveFrames([history.append(records: 1), history.append(records: 4)]))
    #expect(bench.applied == Array(1...6))
    #expect(bench.failure == nil)
  }

  @Test func aNewEpochThatDoesNotContinueIsADivergence() {
    var (bench, _) = liveBench()
    var other = TestHistory(epoch: 8)
    other.append(records: 1)
    bench.step(.liveFrames([other.append(records: 1)]))
    guard case .diverged = bench.failure else { return #expect(Bool(false), "merged another history") }
  }

  @Test(arguments: [StatusCode.permissionDenied, .unauthenticated, .invalidArgument, .failedPrecondition])
  func answersThatRepeatingCannotMendEndIt(_ code: StatusCode) throws {
    var bench = Bench()
    bench.step(.started(.beginning))
    bench.step(.pullFailed(id: try #require(bench.pull).id, Fault(code, reason: "no", "No.")))
    #expect(bench.failure != nil)
    #expect(bench.machine.step(.timer, now: bench.now).isEmpty)
  }

  // MARK: Trimmed journals and the sink's own word

  @Test func aTrimmedJournalEndsASinkWithoutSnapshots() throws {
    var bench = Bench()
    bench.step(.started(.beginning))
    bench.step(.pullFailed(id: try #require(bench.pull).id, Fault(.outOfRange, reason: "trimmed", "From 500.")))
    guard case .trimmed(let message) = bench.failure else { return #expect(Bool(false), "went on") }
    #expect(message.contains("no longer holds the records after 0"))
  }

  @Test func aTrimmedJournalIsMendedByASnapshot() throws {
    let history = SubscriptionMachineTests.history([3, 1])
    var bench = Bench { $0.takesSnapshots = true }
    bench.step(.started(.beginning))
    bench.step(.pullFailed(id: try #require(bench.pull).id, Fault(.outOfRange, reason: "trimmed", "From 500.")))
    #expect(bench.machine.phase == .snapshot)
    bench.step(.snapshotFailed(Fault(.unavailable, reason: "down", "Nobody listens there.")))
    bench.pass(.milliseconds(50))
    guard case .takeSnapshot? = bench.effects.first else { return #expect(Bool(false), "gave up") }
    bench.step(.snapshotTaken(history.frames[0].head))
    bench.pass(.milliseconds(200))
    #expect(bench.pull?.after == history.frames[0].head.mark)
    bench.endPull([history.frames[1]], head: history.head)
    #expect(bench.applied == [4])
  }

  @Test(arguments: [StatusCode.outOfRange, .unimplemented])
  func aSnapshotThatCannotBeEndsIt(_ code: StatusCode) throws {
    var bench = Bench { $0.takesSnapshots = true }
    bench.step(.started(.beginning))
    bench.step(.pullFailed(id: try #require(bench.pull).id, Fault(.outOfRange, reason: "trimmed", "From 500.")))
    bench.step(.snapshotFailed(Fault(code, reason: "no", "There is none, and why.")))
    guard case .trimmed(let message) = bench.failure else { return #expect(Bool(false), "went on") }
    #expect(message.contains("There is none, and why."))
  }

  @Test func aSinkThatIsElsewhereIsBelieved() throws {
    var (bench, history) = liveBench()
    let first = history.append(records: 1)
    bench.step(.liveFrames([first, history.append(records: 1)]))
    bench.step(.rewound(first.head))
    #expect(bench.machine.phase == .pulling)
    #expect(bench.leavesFeed)
    bench.pass(.milliseconds(50))
    #expect(bench.pull?.after == first.head.mark)
  }

  @Test func aCursorOfAnotherStreamIsRefused() {
    var bench = Bench()
    bench.step(.started(.cursor(TestHistory(stream: .scores).head)))
    guard case .refused = bench.failure else { return #expect(Bool(false), "took a foreign cursor") }
  }
}
