/// One thing that operators can set: declared once, with its name, type, default and explanation.
///
/// The same name serves everywhere: `log-level` is the flag `--log-level`, the variables `GROUNDSWELL_LOG_LEVEL` and
/// `GROUNDSWELL_RANKING_LOG_LEVEL` (one service only), and the keys `"log-level"` at the top of the file or inside
/// the service's section. Help, printed configuration and error messages are made from the declaration.
package struct Setting<Value: Sendable>: Sendable {
  package let declaration: SettingDeclaration
  let interpret: @Sendable (RawSetting) throws(SettingProblem) -> Value
  let fallback: Value

  init(
    _ declaration: SettingDeclaration,
    fallback: Value,
    interpret: @escaping @Sendable (RawSetting) throws(SettingProblem) -> Value
  ) {
    self.declaration = declaration
    self.fallback = fallback
    self.interpret = interpret
  }

  package var name: String { declaration.name }
}

/// What can be known of a setting without its Swift type.
package struct SettingDeclaration: Sendable {
  /// Lower case with hyphens, unit last, e.g. `shutdown-seconds`.
  package let name: String
  package let shape: Shape
  /// What stands for the value in help, e.g. `DIR`.
  package let placeholder: String
  /// One sentence for help.
  package let explanation: String
  /// The default as help shows it.
  package let defaultText: String
  /// A secret's value is never printed nor logged.
  package let isSecret: Bool

  /// How a setting is written.
  package enum Shape: Sendable {
    case flag, integer, decimal, text
    /// Any number of texts: the flag may be repeated, or its value hold commas.
    case list
  }
}

/// A value as it was written, before its meaning was checked.
package enum RawSetting: Hashable, Sendable {
  case flag(Bool)
  case integer(Int)
  case decimal(Double)
  case text(String)
  case list([String])

  var text: String {
    switch self {
    case .flag(let value): String(value)
    case .integer(let value): String(value)
    case .decimal(let value): String(value)
    case .text(let value): value
    case .list(let values): values.joined(separator: ",")
    }
  }
}

/// Why a value can't be used, to be read after "it": "must lie between 1 and 10".
package struct SettingProblem: Error, Sendable {
  package let requirement: String

  package init(_ requirement: String) {
    self.requirement = requirement
  }
}

/// A setting of any type, for tables of declarations.
package protocol AnySetting: Sendable {
  var declaration: SettingDeclaration { get }
  /// - Throws: `SettingProblem` where the value has no meaning.
  func resolve(_ raw: RawSetting?) throws(SettingProblem) -> any Sendable
}

extension Setting: AnySetting {
  package func resolve(_ raw: RawSetting?) throws(SettingProblem) -> any Sendable {
    if let raw { try interpret(raw) } else { fallback }
  }
}
