// What operators read about settings: help and the configuration in force. Both come from the declarations.

extension Settings {
  /// The configuration in force, a line a setting with its origin. Secrets are hidden.
  package var report: String {
    let rows = declarations.map { declaration in
      (line: "\(declaration.name) = \(shownValue(of: declaration))", origin: origin(of: declaration).description)
    }
    let width = min(60, rows.map(\.line.count).max() ?? 0)
    return rows.map { row in
      row.line + String(repeating: " ", count: max(0, width - row.line.count)) + "  # " + row.origin
    }.joined(separator: "\n")
  }
}

extension [any AnySetting] {
  /// Help for the executable of `service`.
  func help(service: String) -> String {
    let rows = map(\.declaration).map { declaration in
      (flag: declaration.flagUsage, text: declaration.explanationWithDefault)
    }
    let width = rows.map(\.flag.count).max() ?? 0
    let lines = rows.map { row in
      "  " + row.flag + String(repeating: " ", count: width - row.flag.count) + "  " + row.text
    }
    return """
      Usage: groundswell-\(service) [SETTINGS]

      Settings are taken from flags first, then from the environment (GROUNDSWELL_\(environmentName(service))_NAME, \
      then GROUNDSWELL_NAME),
      then from the file (section "\(service)", then top level), then from the defaults.

      \(lines.joined(separator: "\n"))
      """
  }
}

extension SettingDeclaration {
  fileprivate var flagUsage: String {
    placeholder.isEmpty ? "--\(name)" : "--\(name) \(placeholder)"
  }

  fileprivate var explanationWithDefault: String {
    let repeats = shape == .list ? " May be repeated." : ""
    let standard = defaultText.isEmpty || shape == .flag ? "" : " [\(defaultText)]"
    return explanation + repeats + standard
  }
}

/// A name as it stands inside an environment variable's.
func environmentName(_ name: String) -> String {
  String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
}
