package import Logging

extension Logger {
  /// A service's logger, as its settings ask.
  package static func forService(
    _ name: String,
    level: Level,
    format: LogFormat,
    write: @escaping @Sendable (String) -> Void = writeToStandardError
  ) -> Logger {
    Logger(label: name) { label in LineLogHandler(label: label, level: level, format: format, write: write) }
  }
}
