import Foundation

/// An exact test for teams: how often would another assignment of the same teams have given as much?
///
/// The statistic is the difference of the arms' mean proportions, every team weighing the same, so the p-value is the
/// share of all C(n, k) assignments whose treatment sum is at least as large. They are counted without listing them:
/// the subsets of either half of the teams are sorted by size and sum, and matched. Exact up to 32 teams; above that
/// the normal limit of the permutation distribution (Wald and Wolfowitz 1944) with its exact mean and variance.
package enum PermutationTest {
  /// Below six teams the smallest possible p-value is above 5 %: nothing can become significant.
  package static let fewestTeams = 6
  private static let mostTeamsExactly = 32
  /// Sums of the same numbers in another order differ by rounding.
  private static let tolerance = 1e-9

  /// One-sided p-value for "treatment is more than `margin` above control". 1 without teams in both arms.
  package static func probability(control: [Double], treatment: [Double], margin: Double = 0) -> Double {
    guard !control.isEmpty, !treatment.isEmpty else { return 1 }
    let shifted = treatment.map { $0 - margin }
    let all = control + shifted
    let observed = shifted.reduce(0, +)
    guard all.count <= mostTeamsExactly else { return normalLimit(all, chosen: shifted.count, observed: observed) }
    let middle = all.count / 2
    let first = sumsBySize(Array(all[..<middle]))
    let second = sumsBySize(Array(all[middle...]))
    var atLeast = 0.0
    var total = 0.0
    for (size, sums) in first.enumerated() {
      let rest = shifted.count - size
      guard second.indices.contains(rest) else { continue }
      total += Double(sums.count) * Double(second[rest].count)
      for sum in sums {
        atLeast += Double(count(in: second[rest], atLeast: observed - sum - tolerance))
      }
    }
    return atLeast / total
  }

  /// The smallest p-value that `teams` teams can give: 1 / C(n, ⌊n/2⌋).
  package static func smallestProbability(teams: Int) -> Double {
    let half = teams / 2
    return (0..<half).reduce(1.0) { $0 * Double(half - $1) / Double(teams - $1) }
  }

  /// For every subset size the sums of the subsets of that size, ascending.
  private static func sumsBySize(_ values: [Double]) -> [[Double]] {
    var sums = [[Double]](repeating: [], count: values.count + 1)
    sums[0] = [0]
    for (taken, value) in values.enumerated() {
      for size in stride(from: taken, through: 0, by: -1) {
        sums[size + 1].append(contentsOf: sums[size].map { $0 + value })
      }
    }
    return sums.map { $0.sorted() }
  }

  private static func count(in ascending: [Double], atLeast bound: Double) -> Int {
    var low = 0
    var high = ascending.count
    while low < high {
      let middle = (low + high) / 2
      if ascending[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return ascending.count - low
  }

  private static func normalLimit(_ all: [Double], chosen: Int, observed: Double) -> Double {
    let count = Double(all.count)
    let share = Double(chosen) / count
    let mean = all.reduce(0, +) / count
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let deviation = (share * (1 - share) * count * variance).squareRoot()
    guard deviation > 0 else { return 1 }
    return SpecialFunctions.normalCumulative((share * count * mean - observed) / deviation)
  }
}
