import Contracts
import Foundation
import TestSupport
import Testing

@testable import Ranking

@Suite struct ChangePointTests {
  /// A Poisson count, by counting exponential waiting times.
  private func count(_ mean: Double, _ random: inout SeededRandom) -> Int {
    var count = 0
    var time = -log(random.uniform())
    while time < mean {
      count += 1
      time -= log(random.uniform())
    }
    return count
  }

  private func series(_ rates: [(days: Int, mean: Double)], seed: UInt64) -> [Int] {
    var random = SeededRandom(seed: seed)
    return rates.flatMap { part in (0..<part.days).map { _ in count(part.mean, &random) } }
  }

  @Test(arguments: 0..<5)
  func aJumpIsFoundWhereItWasAndItsEnd(seed: UInt64) throws {
    let counts = series([(60, 20), (10, 60), (30, 20)], seed: seed)
    let change = try #require(ChangePoints(in: counts).changes.first)
    // Quiet days just before may have drifted the same way.
    #expect((50...61).contains(change.started) && (58...62).contains(change.detected), "\(change)")
    #expect(abs(change.rateBefore - 20) < 5 && change.rateSince > 22)
    withKnownIssue("with one of the five seeds the end of the jump isn't noticed", isIntermittent: true) {
      #expect(change.recovered.map { (70...74).contains($0) } == true)
    }
  }

  @Test(arguments: 0..<5)
  func aFallIsFoundToo(seed: UInt64) throws {
    let change = try #require(
      ChangePoints(in: series([(60, 30), (30, 8)], seed: seed)).changes.first { $0.detected >= 60 }
    )
    withKnownIssue("with one of the five seeds the fall is dated too early or found too late", isIntermittent: true) {
      #expect((54...61).contains(change.started) && change.detected <= 63, "\(change)")
    }
    #expect(change.rateSince < change.rateBefore)
    #expect(change.recovered == nil)
  }

  /// 40 series of a year, fixed seeds: with a normal rate estimated from 28 days, about one false alarm in four years.
  @Test func quietDaysRaiseFewAlarms() {
    let alarms = (0..<40).reduce(0) { sum, seed in
      sum + ChangePoints(in: series([(365, 20)], seed: UInt64(1000 + seed))).changes.count
    }
    #expect(alarms <= 15)
  }

  @Test func whatIsFoundDoesNotHangOnWhatComesLater() {
    let counts = series([(40, 20), (20, 50), (40, 50), (30, 10)], seed: 9)
    let all = ChangePoints(in: counts).changes
    for length in stride(from: 20, to: counts.count, by: 7) {
      let early = ChangePoints(in: Array(counts.prefix(length))).changes
      #expect(early.map(\.detected) == all.map(\.detected).filter { $0 < length })
      #expect(early.map(\.started) == all.prefix(early.count).map(\.started))
    }
  }

  @Test func tooLittleHistorySaysNothing() {
    #expect(ChangePoints(in: []).changes.isEmpty)
    #expect(ChangePoints(in: [5, 500, 5, 0, 1000]).changes.isEmpty)
    #expect(ChangePoints(in: Array(repeating: 0, count: 100)).changes.isEmpty)
  }
}
