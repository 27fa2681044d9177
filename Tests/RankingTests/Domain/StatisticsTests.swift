import Foundation
import Testing

@testable import Ranking

/// Reference values: SciPy 1.17.1 (scipy.special.gammainc, gammaincc, gammaln; scipy.stats.gamma, beta).
@Suite struct StatisticsTests {
  private func isNear(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-10) -> Bool {
    abs(value - expected) <= tolerance * max(1, abs(expected))
  }

  @Test(arguments: [
    (0.5, 0.1, 0.345_279_153_981_423_17), (2.5, 4.0, 0.843_764_372_422_277_9), (30, 25, 0.182_103_915_977_455_1),
    (100, 130, 0.997_249_591_632_693_4), (3, 0.5, 0.014_387_677_966_970_684),
  ])
  func incompleteGamma(shape: Double, x: Double, lower: Double) {
    #expect(isNear(GammaFunction.lower(shape, x), lower))
    #expect(isNear(GammaFunction.upper(shape, x), 1 - lower))
  }

  @Test func logarithmOfGamma() {
    #expect(isNear(GammaFunction.logarithm(0.3), 1.095_797_994_818_075_6))
    #expect(isNear(GammaFunction.logarithm(47.25), 133.913_113_746_989_27))
  }

  @Test func tailsOfPoisson() {
    // 1 - poisson.cdf(11, 5) and poisson.cdf(2, 9)
    #expect(isNear(GammaFunction.lower(12, 5), 0.005_453_091_913_009_356))
    #expect(isNear(GammaFunction.upper(3, 9), 0.006_232_195_106_377_317))
  }

  @Test(arguments: [
    (2.5, 4.0, 0.025, 0.103_901_451_685_832_81), (2.5, 4, 0.975, 1.604_062_749_253_753_4),
    (0.3, 1, 0.5, 0.073_131_135_866_951_98), (120, 12, 0.975, 11.866_770_155_848_956),
  ])
  func quantilesOfGamma(shape: Double, rate: Double, p: Double, x: Double) {
    #expect(isNear(GammaDistribution(shape: shape, rate: rate).quantile(p), x))
  }

  @Test(arguments: [
    (0.5, 0.5, 0.3, 0.369_010_119_565_545_36), (20.5, 3.5, 0.8, 0.207_030_749_354_985_53),
    (2, 90, 0.05, 0.945_613_994_096_875_7),
  ])
  func cumulativeBeta(a: Double, b: Double, x: Double, p: Double) {
    #expect(isNear(BetaDistribution(a, b).cumulative(x), p))
  }

  @Test(arguments: [
    (20.5, 3.5, 0.05, 0.723_100_737_416_420_4), (0.5, 0.5, 0.95, 0.993_844_170_297_568_9),
    (5.5, 40.5, 0.5, 0.114_047_965_019_418_66),
  ])
  func quantilesOfBeta(a: Double, b: Double, p: Double, x: Double) {
    #expect(isNear(BetaDistribution(a, b).quantile(p), x))
  }

  @Test(arguments: [0.3, 1, 7.5])
  func drawsHaveTheMomentsOfTheGamma(shape: Double) {
    var random = SeededRandom(seed: 7)
    let count = 40_000
    let draws = (0..<count).map { _ in random.draw(GammaDistribution(shape: shape, rate: 2)) }
    let mean = draws.reduce(0, +) / Double(count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    // Six standard errors of the mean; a tenth for the variance.
    #expect(abs(mean - shape / 2) < 6 * (shape.squareRoot() / 2) / Double(count).squareRoot())
    #expect(abs(variance - shape / 4) < 0.1 * shape / 4)
  }

  @Test func theSameSeedDrawsTheSame() {
    var one = SeededRandom(seed: "programme/20779")
    var other = SeededRandom(seed: "programme/20779")
    #expect((0..<100).allSatisfy { _ in one.next() == other.next() })
  }
}
