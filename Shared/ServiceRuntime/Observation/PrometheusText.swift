/// Writes series in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
struct PrometheusText {
  /// Lines by metric name: the format wants all series of a name together.
  private var families: [String: (kind: String, lines: [String])] = [:]

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  var rendered: String {
    families.sorted { $0.key < $1.key }
      .map { name, family in "# TYPE \(name) \(family.kind)\n" + family.lines.sorted().joined() }
      .joined()
  }

  mutating func add(_ key: SeriesKey, _ series: PrometheusRegistry.Series) {
    switch series {
    case .counter(let counter): add(key, "counter", "\(line(key.name, key.labels)) \(counter.value)\n")
    case .gauge(let gauge): add(key, "gauge", "\(line(key.name, key.labels)) \(number(gauge.value))\n")
    case .histogram(let histogram): add(key, "histogram", histogramText(key, histogram))
    }
  }

  mutating func add(_ sample: MetricSample) {
    let key = SeriesKey(name: sample.name, labels: sample.labels)
    add(key, sample.kind.rawValue, "\(line(key.name, key.labels)) \(number(sample.value))\n")
  }

  private mutating func add(_ key: SeriesKey, _ kind: String, _ text: String) {
    families[key.name, default: (kind, [])].lines.append(text)
  }

  private func histogramText(_ key: SeriesKey, _ histogram: HistogramSeries) -> String {
    let (cumulative, count, sum) = histogram.snapshot()
    var text = ""
    for (limit, count) in cumulative {
      text += "\(line(key.name + "_bucket", key.labels, limit: number(limit))) \(count)\n"
    }
    text += "\(line(key.name + "_bucket", key.labels, limit: "+Inf")) \(count)\n"
    text += "\(line(key.name + "_sum", key.labels)) \(number(sum))\n"
    text += "\(line(key.name + "_count", key.labels)) \(count)\n"
    return text
  }

  private func line(_ name: String, _ labels: [SeriesKey.Label], limit: String? = nil) -> String {
    var pairs = labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
    if let limit { pairs.append("le=\"\(limit)\"") }
    return pairs.isEmpty ? name : "\(name){\(pairs.joined(separator: ","))}"
  }

  private func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

}
