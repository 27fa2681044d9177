package import Contracts

extension WorkingCalendar {
  /// The moment at which `budget` of working time has passed since `start`, pauses left out.
  ///
  /// A pause that still runs counts until `now`, so what is due moves on with it. Because it is reckoned from the
  /// start and the pauses each time, a new calendar changes what is due and loses no pause.
  package func due(
    after budget: Duration,
    from start: Timestamp,
    pauses: [Pause] = [],
    now: Timestamp
  ) -> Timestamp {
    let closed = WorkingCalendar.merged(pauses, now: now)
    var left = budget.wholeMilliseconds
    var last = start
    for span in spans(from: start) {
      for working in WorkingCalendar.subtract(closed, from: span) {
        let length = working.end.milliseconds - working.start.milliseconds
        if length >= left { return Timestamp(milliseconds: working.start.milliseconds + left) }
        left -= length
        last = working.end
      }
    }
    return last
  }

  /// The working time between two instants, pauses left out; zero where `end` is not after `start`.
  package func workingTime(
    from start: Timestamp,
    to end: Timestamp,
    pauses: [Pause] = [],
    now: Timestamp
  ) -> Duration {
    let closed = WorkingCalendar.merged(pauses, now: now)
    var total: Int64 = 0
    for span in spans(from: start) {
      guard span.start < end else { break }
      let cut = Span(start: span.start, end: min(span.end, end))
      for working in WorkingCalendar.subtract(closed, from: cut) {
        total += working.end.milliseconds - working.start.milliseconds
      }
    }
    return .milliseconds(total)
  }

  /// Close of business on the `count`th business day after the day of `start`.
  package func due(businessDays count: Int, after start: Timestamp) -> Timestamp {
    var left = count
    var day = localDay(of: start)
    var last = start
    for _ in 0..<3660 where left > 0 {
      day += 1
      guard isBusinessDay(day) else { continue }
      left -= 1
      last = spans(onDay: day).last?.end ?? last
    }
    return last
  }

  /// Pauses in order, without overlap; one that still runs ends `now`, one that begins later is left out.
  private static func merged(_ pauses: [Pause], now: Timestamp) -> [Span] {
    let spans = pauses.map { Span(start: $0.from, end: $0.until ?? max(now, $0.from)) }
      .filter { $0.start < $0.end }
      .sorted { $0.start < $1.start }
    return spans.reduce(into: []) { merged, span in
      if let last = merged.last, span.start <= last.end {
        merged[merged.count - 1].end = max(last.end, span.end)
      } else {
        merged.append(span)
      }
    }
  }

  /// What is left of `span` without `holes`, which come in order and don't overlap.
  private static func subtract(_ holes: [Span], from span: Span) -> [Span] {
    var rest: [Span] = []
    var start = span.start
    for hole in holes where hole.end > start && hole.start < span.end {
      if hole.start > start { rest.append(Span(start: start, end: hole.start)) }
      start = max(start, hole.end)
    }
    if start < span.end { rest.append(Span(start: start, end: span.end)) }
    return rest
  }
}
