import Foundation
import LoopClosure
import Testing

/// Expected values were computed with SciPy 1.17.1 (`scipy.special`, `scipy.stats`, `scipy.integrate.quad`).
@Suite struct StatisticsTests {
  @Test(arguments: [
    (0.18, 1.6354606040857227), (1, 0), (2.5, 0.2846828704729192), (10, 12.801827480081469),
    (171.3, 708.1149470389971), (12345.6, 103959.18506616844),
  ])
  func logGamma(x: Double, expected: Double) {
    #expect(abs(SpecialFunctions.logGamma(x) - expected) <= 1e-13 * max(1, abs(expected)))
  }

  @Test(arguments: [
    (0.3, 2.0, 5.0, 0.5798250000000003), (0.7, 71, 31, 0.5230884413427608), (0.01, 0.5, 0.5, 0.06376856085851985),
    (0.999, 500, 1.5, 0.8010099054491451), (0.5, 10000, 10010, 0.5281795431563245),
    (0.001, 1, 400, 0.3298140939932596), (0, 2, 3, 0), (1, 2, 3, 1),
  ])
  func regularisedBeta(x: Double, a: Double, b: Double, expected: Double) {
    #expect(abs(SpecialFunctions.regularisedBeta(x, a, b) - expected) < 1e-11)
  }

  @Test(arguments: [
    (3, 0.0625, 3.882962237440738e-05), (5, 1.5, 0.018575936222140675), (20, 10, 0.0034543419758568334),
    (1, 0.5, 0.3934693402873665), (200, 150, 5.709688574208249e-05), (0, 3, 1),
  ])
  func poissonTail(count: Int, mean: Double, expected: Double) {
    #expect(abs(SpecialFunctions.poissonUpperTail(count: count, mean: mean) - expected) < 1e-12)
  }

  @Test(arguments: [
    (1, 12.706204736174694), (2, 4.302652729749462), (5, 2.5705818356363146), (12, 2.1788128296672284),
    (100, 1.9839715185235518),
  ])
  func studentQuantile(freedom: Int, expected: Double) {
    #expect(abs(SpecialFunctions.studentQuantile(confidence: 0.95, degreesOfFreedom: freedom) - expected) < 1e-9)
  }

  @Test(arguments: [(0.5, 0.47950012218695337), (3.841458820694124, 0.05), (10.83, 0.0009986863791802592)])
  func chiSquared(x: Double, expected: Double) {
    #expect(abs(SpecialFunctions.chiSquaredOneTail(x) - expected) < 1e-12)
  }

  @Test(arguments: [(-3.0, 0.0013498980316300933), (0, 0.5), (1.2, 0.8849303297782918), (4, 0.9999683287581669)])
  func normal(z: Double, expected: Double) {
    #expect(abs(SpecialFunctions.normalCumulative(z) - expected) < 1e-14)
  }

  /// Units and successes in control and treatment, margin, and P(Δ > margin).
  @Test(arguments: [
    ([100, 70, 100, 80], 0.0, 0.947603103352369), ([100, 70, 100, 80], 0.05, 0.7874023791195637),
    ([400, 280, 400, 330], 0, 0.9999842882238087), ([400, 280, 400, 330], 0.05, 0.9937502859001002),
    ([10, 0, 10, 10], 0, 0.9999985824289229), ([0, 0, 0, 0], 0.1, 0.405),
    ([5000, 100, 5000, 130], 0.002, 0.9086126458533523), ([200, 0, 200, 3], 0.01, 0.6554759967879333),
    ([50, 25, 50, 25], -0.1, 0.8472997780740978), ([300, 300, 300, 299], 0, 0.249584026622294),
  ])
  func posteriorDifference(counts: [Int], margin: Double, expected: Double) {
    let probability = BetaPosterior.probability(
      treatment: BetaPosterior(units: counts[2], happened: counts[3]),
      exceeds: BetaPosterior(units: counts[0], happened: counts[1]),
      byMoreThan: margin
    )
    #expect(abs(probability - expected) < 1e-9)
  }
}
