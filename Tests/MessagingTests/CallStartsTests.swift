import Testing

@testable import Messaging

/// Where the calls of a turn begin, whose frames are given as the numbers of the calls that they open.
private struct Turn: Equatable {
  var pool: [Int] = []
  var thread: Int?

  init(pool: [Int] = [], thread: Int? = nil) {
    self.pool = pool
    self.thread = thread
  }

  init(
    _ starts: inout CallStarts<Int>,
    _ frames: [Int]...,
    method: String? = "probe.v1/Add",
    bytes: Int = 100,
    at instant: Duration = .zero
  ) {
    for frame in frames {
      for call in frame {
        starts.add(call, shortMethod: method, frameBytes: bytes, now: MonotonicInstant(nanoseconds: 0) + instant)
      }
      pool += starts.endFrame()
    }
    thread = starts.endTurn()
  }
}

struct CallStartsTests {
  private var starts = CallStarts<Int>()

  @Test mutating func aCallThatIsAloneInItsTurnBeginsOnTheThread() {
    let turns = [Turn(&starts, [1]), Turn(&starts, []), Turn(&starts), Turn(&starts, [2])]
    #expect(turns == [Turn(thread: 1), Turn(), Turn(), Turn(thread: 2)])
  }

  @Test mutating func callsThatComeTogetherBeginInThePool() {
    let turns = [Turn(&starts, [1, 2]), Turn(&starts, [3], [4]), Turn(&starts, [5], [6, 7], [8]), Turn(&starts, [9])]
    #expect(turns == [Turn(pool: [1, 2]), Turn(pool: [3, 4]), Turn(pool: [5, 6, 7, 8]), Turn(thread: 9)])
  }

  /// It would wait for all the messages of others that have come.
  @Test mutating func aCallBesideOtherFramesBeginsInThePool() {
    let turns = [Turn(&starts, [1], []), Turn(&starts, [], [2]), Turn(&starts, [], [])]
    #expect(turns == [Turn(pool: [1]), Turn(pool: [2]), Turn()])
  }

  @Test mutating func longRequestsStreamsAndUnknownMethodsBeginInThePool() {
    let longest = CallStarts<Int>.longestShortFrameBytes
    let turns = [
      Turn(&starts, [1], bytes: longest), Turn(&starts, [2], bytes: longest + 1), Turn(&starts, [3], method: nil),
    ]
    #expect(turns == [Turn(thread: 1), Turn(pool: [2]), Turn(pool: [3])])
  }

  @Test mutating func aMethodThatKeptTheThreadTwiceIsKeptOffItForAWhile() {
    let banishment = CallStarts<Int>.banishment
    keep(longer: true)
    let once = Turn(&starts, [1])
    keep(longer: true)
    let turns = [
      once, Turn(&starts, [2], method: "probe.v1/Echo"), Turn(&starts, [3], at: banishment - .nanoseconds(1)),
      Turn(&starts, [4], at: banishment),
    ]
    #expect(turns == [Turn(thread: 1), Turn(thread: 2), Turn(pool: [3]), Turn(thread: 4)])
  }

  /// It keeps the thread every second time, say.
  @Test mutating func whatIsQuickBetweenForgivesNothing() {
    for longer in [true, false, true, false] { keep(longer: longer) }
    let turn = Turn(&starts, [1])
    #expect(turn == Turn(pool: [1]))
  }

  /// Any thread has to wait now and then for one that the system prefers.
  @Test mutating func aMethodThatKeepsTheThreadNowAndThenIsForgiven() {
    let banishment = CallStarts<Int>.banishment
    for round in 0..<3 { keep(longer: true, at: banishment * round) }
    let turn = Turn(&starts, [1], at: banishment * 2)
    #expect(turn == Turn(thread: 1))
  }

  private mutating func keep(longer: Bool, at instant: Duration = .zero) {
    let span = CallStarts<Int>.patience + .nanoseconds(longer ? 1 : 0)
    starts.book(span, of: "probe.v1/Add", now: MonotonicInstant(nanoseconds: 0) + instant)
  }
}
