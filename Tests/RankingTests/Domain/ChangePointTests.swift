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

  // Of these, all; of 2,000 seeds, 99.2 % of jumps and 99.7 % of falls.
  @Test(arguments: 0..<80)
  func aJumpIsFoundWhereItWasAndItsEnd(seed: UInt64) throws {
    let change = try #require(ChangePoints(in: series([(60, 20), (10, 60), (30, 20)], seed: seed)).changes.first)
    #expect((58...61).contains(change.started) && (60...62).contains(change.detected), "\(change)")
    #expect(abs(change.rateBefore - 20) < 4 && change.rateSince > 40, "\(change)")
    #expect((70...74).contains(try #require(change.recovered)), "\(change)")
  }

  @Test(arguments: 0..<80)
  func aFallIsFoundToo(seed: UInt64) throws {
    let changes = ChangePoints(in: series([(60, 30), (30, 8)], seed: seed)).changes
    let change = try #require(changes.first { $0.detected >= 60 })
    #expect((58...61).contains(change.started) && change.detected <= 63, "\(change)")
    #expect(change.rateSince < change.rateBefore)
    #expect(change.recovered == nil)
  }

  /// 100 years of each; one alarm in 27 years was measured on 400.
  @Test(arguments: [2.0, 20, 200])
  func quietDaysRaiseFewAlarms(mean: Double) {
    let alarms = (0..<100).reduce(0) { sum, seed in
      sum + ChangePoints(in: series([(365, mean)], seed: UInt64(1000 + seed))).changes.count
    }
    #expect(alarms <= 6)
  }

  /// Working days and weekends are a rhythm and no change; a change on top of them is one.
  @Test func aWeeklyRhythmIsNoChange() {
    func weeks(_ count: Int, _ mean: Double) -> [(days: Int, mean: Double)] {
      (0..<count).flatMap { _ in [(days: 5, mean: mean), (days: 2, mean: mean / 5)] }
    }
    let alarms = (0..<40).reduce(0) { sum, seed in
      sum + ChangePoints(in: series(weeks(52, 20), seed: UInt64(1000 + seed))).changes.count
    }
    #expect(alarms == 0)
    for seed in 0..<20 {
      let change = ChangePoints(in: series(weeks(9, 20) + weeks(2, 80), seed: UInt64(seed))).changes.first
      #expect(change.map { (63...66).contains($0.detected) } == true, "seed \(seed)")
    }
  }

  @Test func whatIsFoundDoesNotHangOnWhatComesLater() {
    let counts = series([(40, 20), (20, 50), (40, 50), (30, 10)], seed: 9)
    let all = ChangePoints(in: counts).changes
    #expect(all.count >= 2)
    for length in stride(from: 20, to: counts.count, by: 7) {
      let early = ChangePoints(in: Array(counts.prefix(length))).changes
      #expect(early.map(\.detected) == all.map(\.detected).filter { $0 < length })
      #expect(early.map(\.started) == all.prefix(early.count).map(\.started))
    }
  }

  /// Changes come one after the other and never reach back over what was explained.
  @Test(arguments: Seeds.fresh(10))
  func changesAreInOrder(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let parts = (0..<20).map { _ in
      (Int.random(in: 1...30, using: &generator), [0, 1, 10, 100, 10_000].randomElement(using: &generator) ?? 0)
    }
    let counts = parts.flatMap { Array(repeating: $0.1, count: $0.0) }
    var known = 0
    for change in ChangePoints(in: counts).changes {
      #expect(known <= change.started && change.started <= change.detected)
      if let recovered = change.recovered { #expect(change.started < recovered) }
      known = change.recovered ?? change.detected
      #expect(change.rateBefore != change.rateSince)
    }
  }

  @Test func tooLittleHistorySaysNothing() {
    #expect(ChangePoints(in: []).changes.isEmpty)
    #expect(ChangePoints(in: [5, 500, 5, 0, 1000]).changes.isEmpty)
    #expect(ChangePoints(in: Array(repeating: 0, count: 100)).changes.isEmpty)
  }
}
