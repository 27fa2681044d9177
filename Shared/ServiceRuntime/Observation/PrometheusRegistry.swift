package import CoreMetrics
import Synchronization

/// Keeps what swift-metrics is told, for `/metrics` to show.
///
/// The number of series is bounded: a label whose values never end must not take the process down. What comes after
/// the bound is dropped and counted in `groundswell_metrics_series_refused_total`.
package final class PrometheusRegistry: MetricsFactory {
  private let state: Mutex<State>
  private let capacity: Int

  private struct State {
    var series: [SeriesKey: Series] = [:]
    var kinds: [String: String] = [:]
    var refused: Int64 = 0
    var sources: [@Sendable () async -> [MetricSample]] = []
  }

  enum Series {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    var kind: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// - Parameter capacity: how many series there may be, over all names.
  package init(capacity: Int = 4000) {
    self.capacity = capacity
    state = Mutex(State())
  }

  /// Adds values that are looked up whenever somebody asks for the metrics, e.g. the depth of a queue.
  package func addSource(_ source: @escaping @Sendable () async -> [MetricSample]) {
    state.withLock { $0.sources.append(source) }
  }

  /// The series of that name and labels, made when missing; nil when there is no room, or when the name already
  /// stands for another kind of metric, which the text format does not allow.
  private func series(_ name: String, _ labels: [(String, String)], make: () -> Series) -> Series? {
    let key = SeriesKey(name: name, labels: labels)
    return state.withLock { state in
      if let existing = state.series[key] { return existing }
      let new = make()
      guard state.series.count < capacity, state.kinds[key.name, default: new.kind] == new.kind else {
        state.refused += 1
        return nil
      }
      state.kinds[key.name] = new.kind
      state.series[key] = new
      return new
    }
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let name = label.hasSuffix("_total") ? label : label + "_total"
    if case .counter(let counter) = series(name, dimensions, make: { .counter(CounterSeries()) }) { return counter }
    return DiscardedSeries()
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    if case .gauge(let gauge) = series(label, dimensions, make: { .gauge(GaugeSeries()) }) { return gauge }
    return DiscardedSeries()
  }

  package func makeRecorder(
    label: String,
    dimensions: [(String, String)],
    aggregate: Bool
  ) -> any RecorderHandler {
    let made = series(label, dimensions) {
      aggregate ? .histogram(HistogramSeries(limits: HistogramSeries.sizes)) : .gauge(GaugeSeries())
    }
    return switch made {
    case .gauge(let gauge): gauge
    case .histogram(let histogram): histogram
    case .counter, nil: DiscardedSeries()
    }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
    let made = series(name, dimensions) { .histogram(HistogramSeries(limits: HistogramSeries.seconds)) }
    if case .histogram(let histogram) = made { return histogram }
    return DiscardedSeries()
  }

  // Series outlive their makers: a counter that disappears between two scrapes would lose what it counted.
  package func destroyCounter(_: any CounterHandler) {}
  package func destroyMeter(_: any MeterHandler) {}
  package func destroyRecorder(_: any RecorderHandler) {}
  package func destroyTimer(_: any TimerHandler) {}

  /// Everything, in the text format.
  package func text() async -> String {
    let (series, refused, sources) = state.withLock { ($0.series, $0.refused, $0.sources) }
    var text = PrometheusText()
    for (key, series) in series { text.add(key, series) }
    for source in sources {
      for sample in await source() { text.add(sample) }
    }
    text.add(MetricSample("groundswell_metrics_series_refused_total", kind: .counter, Double(refused)))
    return text.rendered
  }
}

/// One value, looked up when metrics are asked for.
package struct MetricSample: Sendable {
  package enum Kind: String, Sendable {
    case counter, gauge
  }

  package let name: String
  package let kind: Kind
  package let labels: [(String, String)]
  package let value: Double

  package init(_ name: String, kind: Kind = .gauge, labels: [(String, String)] = [], _ value: Double) {
    self.name = name
    self.kind = kind
    self.labels = labels
    self.value = value
  }
}
