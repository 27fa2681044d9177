/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
  /// `2026-11-22T15:04:05.123Z INFO  ranking: events applied  stream=ingestion count=12`
  case human
  /// One JSON object a line.
  case json
}
