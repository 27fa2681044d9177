import Foundation

/// Days taken together, and how well one Poisson rate explains them.
struct DaySum: Hashable, Sendable {
  private(set) var days = 0.0
  private(set) var items = 0.0
  private var squares = 0.0

  init() {}

  init(_ counts: some Sequence<Int>) {
    for count in counts { add(count) }
  }

  mutating func add(_ count: Int) {
    days += 1
    items += Double(count)
    squares += Double(count) * Double(count)
  }

  mutating func remove(_ count: Int) {
    days -= 1
    items -= Double(count)
    squares -= Double(count) * Double(count)
  }

  static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.days += other.days
    sum.items += other.items
    sum.squares += other.squares
    return sum
  }

  /// Items a day.
  var rate: Double { days > 0 ? items / days : 0 }

  /// The log likelihood of the days at their own rate, less what is the same for any rate and any cut of the days.
  var fit: Double { items > 0 ? items * log(items / days) : 0 }

  /// How much more the days vary than Poisson counts do: Pearson's χ² ÷ degrees of freedom (McCullagh and Nelder 1989,
  /// 4.5), never below one. Weekends and moods of the day are in it.
  var dispersion: Double {
    guard items > 0, days > 1 else { return 1 }
    return max(1, (squares - items * rate) / rate / (days - 1))
  }

  /// The log likelihood ratio of two rates against one.
  func evidenceOfDifference(to other: DaySum) -> Double { fit + other.fit - (self + other).fit }
}
