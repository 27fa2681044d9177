/// Tells a channel that fell silent from one that is merely quiet: it has to be quiet for longer than its own history
/// explains.
///
/// Both must hold, over the days of the last eight weeks on which something arrived:
/// - the silence is more than twice the longest gap that the channel has had before (weekends and holidays);
/// - at its average rate, nothing for so long has a probability under 1 in 1000 (Poisson: e^(-rate × days)).
package enum Silence {
  /// How far back its history is looked at.
  package static let window = 56
  /// Before a channel has had this many days with arrivals it has no history to be held against.
  package static let leastDays = 7

  /// - Parameters:
  ///   - arrivals: how many arrived on which day; days without any may be left out.
  ///   - today: the present day, of the same time zone.
  package static func isSilent(arrivals: [CalendarDay: Int], today: CalendarDay) -> Bool {
    let days = arrivals.filter { $0.value > 0 }.keys.sorted()
    guard let last = days.last else { return false }
    let recent = days.filter { $0.number > last.number - window }
    guard recent.count >= leastDays, let first = recent.first else { return false }
    let quiet = today.number - last.number
    let longestGap = zip(recent, recent.dropFirst()).map { $1.number - $0.number }.max() ?? 1
    guard quiet > 2 * longestGap else { return false }
    let total = recent.reduce(0) { $0 + (arrivals[$1] ?? 0) }
    let rate = Double(total) / Double(last.number - first.number + 1)
    return rate * Double(quiet) > -logOfLeastLikely
  }

  /// ln(0.001), written out so that the rule needs no mathematics library.
  private static let logOfLeastLikely = -6.907_755_278_982_137
}
