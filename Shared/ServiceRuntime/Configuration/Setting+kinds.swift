// The kinds of settings: how each is written, and what it must be.

extension Setting {
  /// On or off; off unless set. `--name` alone sets it.
  package static func flag(_ name: String, _ explanation: String) -> Setting where Value == Bool {
    Setting(.init(name, .flag, "", explanation, default: "false"), fallback: false) { raw throws(SettingProblem) in
      guard case .flag(let value) = raw else { throw SettingProblem("must be true or false") }
      return value
    }
  }

  /// A whole number within `range`.
  package static func integer(
    _ name: String,
    default fallback: Int,
    in range: ClosedRange<Int>,
    _ explanation: String
  ) -> Setting where Value == Int {
    let declaration = SettingDeclaration(name, .integer, "N", explanation, default: String(fallback))
    return Setting(declaration, fallback: fallback) { raw throws(SettingProblem) in
      guard case .integer(let value) = raw else { throw SettingProblem("must be a whole number") }
      guard range.contains(value) else {
        throw SettingProblem("must lie between \(range.lowerBound) and \(range.upperBound)")
      }
      return value
    }
  }

  /// A number within `range`.
  package static func decimal(
    _ name: String,
    default fallback: Double,
    in range: ClosedRange<Double>,
    _ explanation: String
  ) -> Setting where Value == Double {
    let declaration = SettingDeclaration(name, .decimal, "X", explanation, default: String(fallback))
    return Setting(declaration, fallback: fallback) { raw throws(SettingProblem) in
      guard case .decimal(let value) = raw else { throw SettingProblem("must be a number") }
      guard range.contains(value) else {
        throw SettingProblem("must lie between \(range.lowerBound) and \(range.upperBound)")
      }
      return value
    }
  }

  /// One of the cases of an enumeration, by its raw value.
  package static func choice(_ name: String, default fallback: Value, _ explanation: String) -> Setting
  where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    let declaration = SettingDeclaration(
      name,
      .text,
      words.joined(separator: "|"),
      explanation,
      default: fallback.rawValue
    )
    return Setting(declaration, fallback: fallback) { raw throws(SettingProblem) in
      guard case .text(let text) = raw, let value = Value(rawValue: text) else {
        throw SettingProblem("must be one of \(words.joined(separator: ", "))")
      }
      return value
    }
  }

  /// A text; `check` may refuse it.
  package static func text(
    _ name: String,
    default fallback: String,
    placeholder: String = "TEXT",
    _ explanation: String,
    check: @escaping @Sendable (String) throws(SettingProblem) -> Void = { _ in }
  ) -> Setting where Value == String {
    let declaration = SettingDeclaration(name, .text, placeholder, explanation, default: fallback)
    return Setting(declaration, fallback: fallback) { raw throws(SettingProblem) in
      guard case .text(let text) = raw else { throw SettingProblem("must be a text") }
      try check(text)
      return text
    }
  }

  /// A text that may be missing. Where `isSecret`, its value is never shown.
  package static func optionalText(
    _ name: String,
    placeholder: String = "TEXT",
    isSecret: Bool = false,
    _ explanation: String,
    check: @escaping @Sendable (String) throws(SettingProblem) -> Void = { _ in }
  ) -> Setting where Value == String? {
    let declaration = SettingDeclaration(name, .text, placeholder, explanation, default: "", isSecret: isSecret)
    return Setting(declaration, fallback: nil) { raw throws(SettingProblem) in
      guard case .text(let text) = raw else { throw SettingProblem("must be a text") }
      try check(text)
      return text
    }
  }

  /// Any value that is written as a text and has to be read.
  package static func parsed(
    _ name: String,
    default fallback: Value,
    as defaultText: String,
    placeholder: String,
    _ explanation: String,
    parse: @escaping @Sendable (String) throws(SettingProblem) -> Value
  ) -> Setting {
    let declaration = SettingDeclaration(name, .text, placeholder, explanation, default: defaultText)
    return Setting(declaration, fallback: fallback) { raw throws(SettingProblem) in
      guard case .text(let text) = raw else { throw SettingProblem("must be a text") }
      return try parse(text)
    }
  }

  /// Any number of values, each read by `parse`; none unless set.
  package static func list<Element>(
    _ name: String,
    placeholder: String,
    _ explanation: String,
    parse: @escaping @Sendable (String) throws(SettingProblem) -> Element
  ) -> Setting where Value == [Element] {
    Setting(.init(name, .list, placeholder, explanation, default: ""), fallback: []) { raw throws(SettingProblem) in
      guard case .list(let texts) = raw else { throw SettingProblem("must be a list of texts") }
      var elements: [Element] = []
      for text in texts {
        elements.append(try parse(text))
      }
      return elements
    }
  }
}

extension SettingDeclaration {
  fileprivate init(
    _ name: String,
    _ shape: Shape,
    _ placeholder: String,
    _ explanation: String,
    default defaultText: String,
    isSecret: Bool = false
  ) {
    self.init(
      name: name,
      shape: shape,
      placeholder: placeholder,
      explanation: explanation,
      defaultText: defaultText,
      isSecret: isSecret
    )
  }
}
