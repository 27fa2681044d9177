import Contracts
import Messaging
import Records
import Testing

/// Each way that a subscription can go, step by step.
struct SubscriptionMachineTests {
  typealias Machine = SubscriptionMachine<TestFrame>

  /// A machine, its clock, and what it last asked for.
  struct Bench {
    var machine: Machine
    var now = MonotonicInstant.start
    var effects: [Machine.Effect] = []
    var applied: [UInt64] = []
    var pull: PullRequest?

    init(_ change: (inout SubscriptionSettings) -> Void = { _ in }) {
      var settings = SubscriptionSettings()
      change(&settings)
      machine = Machine(stream: .ingestion, instance: 0, settings: settings, seed: 1)
    }

    mutating func step(_ input: Machine.Input) {
      effects = machine.step(input, now: now)
      for effect in effects {
        switch effect {
        case .apply(let slices):
          for slice in slices { applied += slice.frame.contents.dropFirst(slice.skippedRecords) }
        case .pull(let request): pull = request
        default: break
        }
      }
    }

    mutating func pass(_ span: Duration) {
      now = now + span
      step(.timer)
    }

    mutating func endPull(_ frames: [TestFrame], head: HeadVector) {
      guard let pull else { return }
      if !frames.isEmpty { step(.pulled(id: pull.id, frames: frames)) }
      step(.pullEnded(id: pull.id, head: head))
    }

    /// Brings the machine to `live` at the end of `history`.
    mutating func goLive(_ history: TestHistory) {
      step(.started(.beginning))
      endPull(history.frames, head: history.head)
      step(.applied(history.head.position))
      step(.liveHead(history.head))
    }

    var asksForFeed: Bool {
      effects.contains { if case .subscribe = $0 { true } else { false } }
    }
    var leavesFeed: Bool {
      effects.contains { if case .unsubscribe = $0 { true } else { false } }
    }
    var startsPull: Bool {
      effects.contains { if case .pull = $0 { true } else { false } }
    }
    var failure: SubscriptionFailure? {
      if case .failed(let failure) = machine.phase { failure } else { nil }
    }
  }

  static func history(_ sizes: [Int]) -> TestHistory {
    var history = TestHistory()
    for size in sizes { history.append(records: size) }
    return history
  }

  // MARK: The way to live

  @Test func pullsFirstThenAsksForTheFeedThenIsLiveOnceTheFeedHasProvedItself() {
    let history = Self.history([2, 3])
    var bench = Bench()
    bench.step(.started(.beginning))
    #expect(bench.machine.phase == .pulling)
    #expect(bench.pull?.after == .beginning)
    #expect(!bench.asksForFeed)
    bench.endPull(history.frames, head: history.head)
    #expect(bench.applied == [1, 2, 3, 4, 5])
    #expect(bench.asksForFeed)
    #expect(bench.machine.phase == .overlapping)
    bench.step(.liveHead(history.head))
    #expect(bench.machine.phase == .live)
    #expect(!bench.startsPull)
  }

  @Test func pullsAgainWhatWasPublishedBeforeTheSubscriptionArrived() {
    var history = Self.history([2])
    var bench = Bench()
    bench.step(.started(.beginning))
    bench.endPull(history.frames, head: history.head)
    let missed = history.append(records: 4)
    bench.step(.liveHead(history.head))
    #expect(bench.machine.phase == .overlapping)
    bench.pass(.milliseconds(20))
    #expect(bench.startsPull)
    #expect(bench.pull?.after == HistoryMark(position: 2, chain: history.frames[0].chain))
    bench.endPull([missed], head: history.head)
    #expect(bench.machine.phase == .live)
    #expect(bench.applied == Array(1...6))
  }

  @Test func mergesLiveFramesThatCameDuringThePull() {
    var history = Self.history([2])
    var bench = Bench()
    bench.step(.started(.beginning))
    bench.endPull(history.frames, head: history.head)
    let missed = history.append(records: 1)
    let live = [history.append(records: 2), history.append(records: 2)]
    bench.step(.liveFrames([live[1], live[0]]))
    #expect(bench.applied == [1, 2])
    bench.pass(.milliseconds(20))
    bench.endPull([missed, live[0]], head: history.head)
    #expect(bench.applied == Array(1...7))
    #expect(bench.machine.phase == .live)
    #expect(bench.machine.counters.duplicateFrames == 1)
  }

  @Test func startsFromACursorWithItsChain() {
    let history = Self.history([2, 3])
    var bench = Bench()
    bench.step(.started(.cursor(history.frames[0].head)))
    #expect(bench.pull?.after == HistoryMark(position: 2, chain: history.frames[0].chain))
    #expect(bench.pull?.epoch == 7)
    bench.endPull([history.frames[1]], head: history.head)
    #expect(bench.applied == [3, 4, 5])
  }

  @Test func trimsTheFrameThatAChosenPositionLiesIn() {
    let history = Self.history([2, 3])
    var bench = Bench()
    bench.step(.started(.after(3)))
    #expect(bench.pull?.after == HistoryMark(position: 3, chain: nil))
    bench.endPull([history.frames[1]], head: history.head)
    #expect(bench.applied == [4, 5])
    #expect(bench.machine.delivered == history.head.mark)
  }

  // MARK: Gaps

  @Test func aGapIsPulledAfterAJitterAndTheFramesBehindItWait() throws {
    var history = Self.history([1])
    var bench = Bench()
    bench.goLive(history)
    let lost = history.append(records: 1)
    let next = history.append(records: 1)
    bench.step(.liveFrames([next]))
    #expect(bench.machine.phase == .overlapping)
    #expect(!bench.startsPull)
    #expect(!bench.leavesFeed)
    let wakeUp = try #require(bench.machine.wakeUp)
    #expect(wakeUp - bench.now <= .milliseconds(20))
    bench.pass(.milliseconds(20))
    #expect(bench.startsPull)
    bench.endPull([lost, next], head: history.head)
    #expect(bench.applied == [1, 2, 3])
    #expect(bench.machine.phase == .live)
    #expect(bench.machine.counters.gaps == 1)
  }

  @Test func aReorderedFrameThatArrivesDuringTheJitterSavesThePull() {
    var history = Self.history([1])
    var bench = Bench()
    bench.goLive(history)
    let pulls = bench.machine.counters.pulls
    let one = history.append(records: 1)
    let two = history.append(records: 1)
    bench.step(.liveFrames([two]))
    bench.step(.liveFrames([one]))
    #expect(bench.machine.phase == .live)
    bench.pass(.milliseconds(20))
    #expect(bench.machine.counters.pulls == pulls)
    #expect(bench.applied == [1, 2, 3])
  }

  @Test func aHeadBeyondWhatCameShowsThatTheLastFrameOfABurstWasLost() {
    var history = Self.history([1])
    var bench = Bench()
    bench.goLive(history)
    let lost = history.append(records: 2)
    bench.step(.liveHead(history.head))
    #expect(bench.machine.phase == .overlapping)
    #expect(bench.machine.lagRecords == 2)
    bench.pass(.milliseconds(20))
    bench.endPull([lost], head: history.head)
    #expect(bench.applied == [1, 2, 3])
  }

  @Test func jitterDiffersBetweenSubscribersOfDifferentSeeds() {
    var history = Self.history([1])
    let start = history
    history.append(records: 1)
    let waits = (0..<8).map { seed in
      var bench = Bench()
      bench.machine = Machine(stream: .ingestion, instance: 0, settings: SubscriptionSettings(), seed: UInt64(seed))
      bench.goLive(start)
      bench.step(.liveHead(history.head))
      return bench.machine.wakeUp
    }
    #expect(Set(waits).count > 4)
  }

  @Test func duplicatesAreDropped() {
    var history = Self.history([1])
    var bench = Bench()
    bench.goLive(history)
    let frame = history.append(records: 2)
    bench.step(.liveFrames([frame, frame]))
    bench.step(.liveFrames([frame]))
    #expect(bench.applied == [1, 2, 3])
    #expect(bench.machine.counters.duplicateFrames == 2)
    #expect(bench.machine.phase == .live)
  }

  @Test func framesOfOtherStreamsAndInstancesAreIgnored() {
    var bench = Bench()
    bench.goLive(Self.history([1]))
    var scores = TestHistory(stream: .scores)
    var other = TestHistory(instance: 1)
    bench.step(.liveFrames([scores.append(records: 1), other.append(records: 1)]))
    bench.step(.liveHead(other.head))
    #expect(bench.applied == [1])
    #expect(bench.machine.counters.foreignFrames == 3)
    #expect(bench.machine.phase == .live)
  }
}
