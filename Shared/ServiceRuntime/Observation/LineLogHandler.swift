package import Contracts
package import Logging
import ServiceContextModule

/// Writes each log message as one line, for people or for collectors.
///
/// Metadata stands in alphabetical order, so that lines compare; the trace of the current context is added. Values
/// under a key that names a secret are hidden, whoever logs them.
package struct LineLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level
  package var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let format: LogFormat
  private let now: @Sendable () -> Timestamp
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes one line with its newline; called from any thread.
  package init(
    label: String,
    level: Logger.Level,
    format: LogFormat,
    now: @escaping @Sendable () -> Timestamp = Timestamp.now,
    write: @escaping @Sendable (String) -> Void = writeToStandardError
  ) {
    self.label = label
    logLevel = level
    self.format = format
    self.now = now
    self.write = write
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
    if let given = event.metadata { fields.merge(given) { _, new in new } }
    if let error = event.error { fields["error"] = "\(error)" }
    if let trace = ServiceContext.current?.trace {
      fields["trace"] = .string(trace.traceIDText)
    }
    let ordered = fields.sorted { $0.key < $1.key }.map { (key: $0.key, value: visible($0.value, under: $0.key)) }
    switch format {
    case .human: write(humanLine(event, ordered))
    case .json: write(jsonLine(event, ordered))
    }
  }

  private func humanLine(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    let level = event.level.rawValue.uppercased()
    let padding = String(repeating: " ", count: max(0, 8 - level.count))
    var line = "\(now()) \(level)\(padding) \(label): \(singleLine("\(event.message)"))"
    for (key, value) in fields {
      let text = singleLine("\(value)")
      line += text.contains(" ") || text.isEmpty ? " \(key)=\"\(text)\"" : " \(key)=\(text)"
    }
    return line + "\n"
  }

  private func jsonLine(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    var line = #"{"time":"\#(now())","level":"\#(event.level.rawValue)","service":"#
    line += JSONText.quoted(label) + #","message":"# + JSONText.quoted("\(event.message)")
    for (key, value) in fields {
      // A field of the line itself is not overwritten by metadata of the same name.
      let name = LineLogHandler.ownFields.contains(key) ? "metadata.\(key)" : key
      line += "," + JSONText.quoted(name) + ":" + JSONText.of(value)
    }
    return line + "}\n"
  }

  private static let ownFields: Set<String> = ["time", "level", "service", "message"]
}

/// Parts of keys whose values are never written.
private let secretWords = ["secret", "password", "token", "authorization", "cookie", "credential", "private-key"]

private func visible(_ value: Logger.Metadata.Value, under key: String) -> Logger.Metadata.Value {
  let lowered = key.lowercased()
  if secretWords.contains(where: lowered.contains) { return "(hidden)" }
  guard case .dictionary(let members) = value else { return value }
  return .dictionary(Dictionary(uniqueKeysWithValues: members.map { ($0.key, visible($0.value, under: $0.key)) }))
}

/// A message with line breaks would look like several to a person, or let a caller forge lines.
private func singleLine(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
  return text.unicodeScalars.reduce(into: "") { line, scalar in
    switch scalar {
    case "\n": line += "\\n"
    case "\r": line += "\\r"
    case "\t": line += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
}
