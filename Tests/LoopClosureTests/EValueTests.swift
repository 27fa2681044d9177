import Contracts
import Foundation
import LoopClosure
import TestSupport
import Testing

@Suite struct EValueTests {
  private static let pairs: [(Bool, Bool)] = [
    (false, true), (true, true), (false, true), (false, false), (false, true), (true, true), (false, true),
    (false, true), (true, false), (false, true),
  ]

  /// Reckoned apart, in Python, from the formula as it is published; with a margin the nearest null was found by
  /// `scipy.optimize.minimize_scalar`.
  @Test(arguments: [
    (1, 0.0, 0.6893533655258013), (1, 0.1, 0.38380628452852766), (3, 0, 64.6071344380336),
    (3, 0.2, 0.9762197688381261),
  ])
  func matchesTheFormula(rounds: Int, margin: Double, expected: Double) {
    var eValue = EValue(margin: margin)
    for _ in 0..<rounds {
      for pair in Self.pairs { eValue.observe(control: pair.0, treatment: pair.1) }
    }
    #expect(abs(exp(eValue.logValue) / expected - 1) < 1e-6)
  }

  @Test func aWorseTreatmentNeverGainsEvidence() {
    var eValue = EValue()
    for number in 0..<500 { eValue.observe(control: number % 5 != 0, treatment: number.isMultiple(of: 5)) }
    #expect(eValue.value <= 1.5 && !eValue.hasReached())
  }

  @Test func crossingCountsAtAnyTime() {
    var eValue = EValue()
    for _ in 0..<60 { eValue.observe(control: false, treatment: true) }
    #expect(eValue.hasReached())
    for _ in 0..<300 { eValue.observe(control: true, treatment: false) }
    #expect(eValue.hasReached() && eValue.logValue < log(20))
  }

  // MARK: Simulation, against the table of the rules' source (null 0.7 against 0.7, 100 units an arm)

  /// Seeded and small: 2,000 runs, so the standard error of a share near 5 % is half a point.
  private static let runs = 2000

  private func share(
    control: Double,
    treatment: Double,
    units: Int,
    seed: UInt64,
    _ isFound: ([Bool], [Bool]) -> Bool
  ) -> Double {
    var random = SeededGenerator(seed: seed)
    let found = (0..<Self.runs).count { _ in
      let a = (0..<units).map { _ in random.happens(control) }
      let b = (0..<units).map { _ in random.happens(treatment) }
      return isFound(a, b)
    }
    return Double(found) / Double(Self.runs)
  }

  /// P(Δ > 0) ≥ 0.95 depends on two counts only: each pair of them is reckoned once.
  private final class Look {
    private var known: [Int: Bool] = [:]
    let units: Int

    init(units: Int) {
      self.units = units
    }

    func finds(_ control: [Bool], _ treatment: [Bool]) -> Bool {
      let a = control.count(where: \.self)
      let b = treatment.count(where: \.self)
      if let answer = known[a * 1000 + b] { return answer }
      let answer =
        BetaPosterior.probability(
          treatment: BetaPosterior(units: units, happened: b),
          exceeds: BetaPosterior(units: units, happened: a),
          byMoreThan: 0
        ) >= 0.95
      known[a * 1000 + b] = answer
      return answer
    }
  }

  private func crosses(_ control: [Bool], _ treatment: [Bool]) -> Bool {
    var eValue = EValue()
    for (a, b) in zip(control, treatment) where !eValue.hasReached() { eValue.observe(control: a, treatment: b) }
    return eValue.hasReached()
  }

  @Test func falsePositivesOfOneLookAreAboutFivePercent() {
    let look = Look(units: 100)
    let share = share(control: 0.7, treatment: 0.7, units: 100, seed: 41, look.finds)
    #expect((0.035...0.07).contains(share), "5.5 % in the table, here \(share)")
  }

  @Test func falsePositivesOfTheEValueStayBelowFivePercent() {
    let short = share(control: 0.7, treatment: 0.7, units: 100, seed: 42, crosses)
    let long = share(control: 0.7, treatment: 0.7, units: 400, seed: 43, crosses)
    #expect((0.003...0.025).contains(short), "1.2 % in the table, here \(short)")
    #expect((0.006...0.035).contains(long), "1.9 % in the table, here \(long)")
  }

  @Test func powerIsAsInTheTable() {
    let look = Look(units: 100)
    let one = share(control: 0.7, treatment: 0.8, units: 100, seed: 44, look.finds)
    let any = share(control: 0.7, treatment: 0.8, units: 100, seed: 45, crosses)
    let strong = share(control: 0.6, treatment: 0.8, units: 100, seed: 46, crosses)
    #expect(abs(one - 0.51) < 0.05 && abs(any - 0.14) < 0.04 && abs(strong - 0.54) < 0.05, "\(one), \(any), \(strong)")
  }

  @Test func thePlanOfAContinuousTestFindsAtLeastHalf() {
    let needed = TestPower.pairsForHalfPowerOfEValue(control: 0.7, treatment: 0.8)
    let share = share(control: 0.7, treatment: 0.8, units: needed, seed: 47, crosses)
    #expect((0.45...0.65).contains(share), "with \(needed) pairs \(share)")
  }
}
