/// Every setting's value, and where it came from.
package struct Settings: Sendable {
  private var entries: [String: Entry]
  /// The declared settings, in the order of their declaration.
  package let declarations: [SettingDeclaration]

  struct Entry: Sendable {
    let value: any Sendable
    /// As it is printed: hidden where the setting is a secret.
    let shown: String
    let origin: SettingOrigin
  }

  init(declarations: [SettingDeclaration], entries: [String: Entry]) {
    self.declarations = declarations
    self.entries = entries
  }

  /// The value of a declared setting. Asking for one that the service did not declare is a programming error.
  package subscript<Value>(_ setting: Setting<Value>) -> Value {
    guard let value = entries[setting.name]?.value as? Value else {
      preconditionFailure("the setting '\(setting.name)' was not declared by this service")
    }
    return value
  }

  /// Where a setting's value came from.
  package func origin(of declaration: SettingDeclaration) -> SettingOrigin {
    entries[declaration.name]?.origin ?? .standard
  }

  func shownValue(of declaration: SettingDeclaration) -> String {
    entries[declaration.name]?.shown ?? declaration.defaultText
  }
}

/// Where a value came from; the names are the ones an operator would have to change.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
  case flag(String)
  case environment(String)
  case file(path: String, key: String)
  case standard

  package var description: String {
    switch self {
    case .flag(let name): "flag \(name)"
    case .environment(let name): "environment \(name)"
    case .file(let path, let key): "file \(path) (\(key))"
    case .standard: "default"
    }
  }
}
