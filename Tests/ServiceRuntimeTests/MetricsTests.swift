import CoreMetrics
import ServiceRuntime
import Testing

@Suite struct MetricsTests {
  @Test func countersGaugesAndHistogramsAsText() async {
    let registry = PrometheusRegistry()
    Counter(label: "calls.handled", dimensions: [("method", "a\"b\\c\n")], factory: registry).increment(by: 3)
    Meter(label: "queue_depth", factory: registry).set(2.5)
    Gauge(label: "lag", factory: registry).record(7)
    let timer = Timer(label: "call_duration", factory: registry)
    timer.recordMilliseconds(3)
    timer.recordMilliseconds(40_000)
    let text = await registry.text()
    #expect(text.contains("# TYPE calls_handled_total counter\ncalls_handled_total{method=\"a\\\"b\\\\c\\n\"} 3\n"))
    #expect(text.contains("# TYPE queue_depth gauge\nqueue_depth 2.5\n"))
    #expect(text.contains("lag 7\n"))
    #expect(text.contains("# TYPE call_duration_seconds histogram\n"))
    #expect(text.contains("call_duration_seconds_bucket{le=\"0.0025\"} 0\n"))
    #expect(text.contains("call_duration_seconds_bucket{le=\"0.005\"} 1\n"))
    #expect(text.contains("call_duration_seconds_bucket{le=\"30\"} 1\n"))
    #expect(text.contains("call_duration_seconds_bucket{le=\"+Inf\"} 2\n"))
    #expect(text.contains("call_duration_seconds_sum 40.003\n"))
    #expect(text.contains("call_duration_seconds_count 2\n"))
  }

  @Test func everyNameIsDeclaredOnce() async {
    let registry = PrometheusRegistry()
    for method in ["b", "a", "c"] {
      Counter(label: "calls", dimensions: [("method", method)], factory: registry).increment()
      Counter(label: "calls", dimensions: [("method", method)], factory: registry).increment()
    }
    let lines = await registry.text().split(separator: "\n").map(String.init)
    #expect(lines.filter { $0 == "# TYPE calls_total counter" }.count == 1)
    #expect(
      lines.filter { $0.hasPrefix("calls_total{") }
        == ["calls_total{method=\"a\"} 2", "calls_total{method=\"b\"} 2", "calls_total{method=\"c\"} 2"]
    )
  }

  @Test func theNumberOfSeriesIsBounded() async {
    let registry = PrometheusRegistry(capacity: 10)
    for number in 0..<25 {
      Counter(label: "calls", dimensions: [("customer", "\(number)")], factory: registry).increment()
    }
    let text = await registry.text()
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("calls_total{") }.count == 10)
    #expect(text.contains("groundswell_metrics_series_refused_total 15\n"))
  }

  @Test func oneNameKeepsOneKind() async {
    let registry = PrometheusRegistry()
    Meter(label: "depth", factory: registry).set(1)
    Recorder(label: "depth", dimensions: [("a", "b")], aggregate: true, factory: registry).record(3)
    let text = await registry.text()
    #expect(text.contains("# TYPE depth gauge\ndepth 1\n"))
    #expect(!text.contains("depth_bucket"))
  }

  @Test func sourcesAreAskedForTheirValues() async {
    let registry = PrometheusRegistry()
    registry.addSource { [MetricSample("lag", labels: [("stream", "ingestion")], 12)] }
    #expect(await registry.text().contains("# TYPE lag gauge\nlag{stream=\"ingestion\"} 12\n"))
  }
}
