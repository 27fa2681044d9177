import Configuration

/// Finds each setting's value: flags before environment before file before default, and inside each a service's own
/// value before the one for all services.
struct SettingsReader {
  let settings: [any AnySetting]
  let service: String
  private var layers: [Layer]

  fileprivate struct Layer {
    let provider: any ConfigProvider
    /// Where it takes the setting of that name from.
    let origin: (_ name: String) -> SettingOrigin
    var isCommandLine = false
  }

  /// - Parameters:
  ///   - arguments: the process' arguments, its own name first.
  ///   - file: the file, where there is one.
  init(
    settings: [any AnySetting],
    service: String,
    arguments: [String],
    environment: [String: String],
    file: ConfigurationFile?
  ) {
    self.settings = settings
    self.service = service
    let variables = EnvironmentVariablesProvider(environmentVariables: environment)
    let own = ConfigKey([service])
    layers = [
      Layer(
        provider: CommandLineArgumentsProvider(arguments: arguments),
        origin: { .flag("--\($0)") },
        isCommandLine: true
      ),
      Layer(provider: variables.prefixKeys(with: ConfigKey(["groundswell", service]))) {
        .environment("GROUNDSWELL_\(environmentName(service))_\(environmentName($0))")
      },
      Layer(provider: variables.prefixKeys(with: "groundswell")) {
        .environment("GROUNDSWELL_\(environmentName($0))")
      },
    ]
    guard let file else { return }
    layers.append(
      Layer(provider: file.provider.prefixKeys(with: own)) { .file(path: file.path, key: "\(service).\($0)") }
    )
    layers.append(Layer(provider: file.provider) { .file(path: file.path, key: $0) })
  }

  /// - Throws: `ConfigurationError` with every problem found, not only the first.
  func read() throws(ConfigurationError) -> Settings {
    var entries: [String: Settings.Entry] = [:]
    var problems: [String] = []
    for setting in settings {
      do throws(ConfigurationError) {
        entries[setting.declaration.name] = try entry(for: setting)
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(.value, problems) }
    return Settings(declarations: settings.map(\.declaration), entries: entries)
  }

  private func entry(for setting: any AnySetting) throws(ConfigurationError) -> Settings.Entry {
    let declaration = setting.declaration
    let found = try firstValue(of: declaration)
    do throws(SettingProblem) {
      let value = try setting.resolve(found?.raw)
      let text = found?.raw.text ?? declaration.defaultText
      let shown = declaration.isSecret && !text.isEmpty ? "(hidden)" : text
      return Settings.Entry(value: value, shown: shown, origin: found?.origin ?? .standard)
    } catch {
      let written = declaration.isSecret ? "its value" : "'\(found?.raw.text ?? "")'"
      let place = (found?.origin ?? .standard).description
      throw ConfigurationError(.value, ["\(declaration.name): \(written) \(error.requirement) (\(place))"])
    }
  }

  private func firstValue(
    of declaration: SettingDeclaration
  ) throws(ConfigurationError) -> (raw: RawSetting, origin: SettingOrigin)? {
    for layer in layers {
      do {
        if let found = try layer.value(of: declaration) { return found }
      } catch {
        let place = layer.origin(declaration.name)
        throw ConfigurationError(
          .value,
          ["\(declaration.name): the value of \(place) must be \(declaration.shape.requirement)"]
        )
      }
    }
    return nil
  }
}

extension SettingsReader.Layer {
  fileprivate func value(of declaration: SettingDeclaration) throws -> (raw: RawSetting, origin: SettingOrigin)? {
    // The command line's provider splits every value at its commas, so a text is put together again.
    let splits = isCommandLine && declaration.shape == .text
    let type = splits ? ConfigType.stringArray : declaration.shape.configType
    let result = try provider.value(forKey: AbsoluteConfigKey([declaration.name]), type: type)
    guard let content = result.value?.content else { return nil }
    let raw: RawSetting =
      switch content {
      case .bool(let value): .flag(value)
      case .int(let value): .integer(value)
      case .double(let value): .decimal(value)
      case .string(let value): .text(value)
      case .stringArray(let values): splits ? .text(values.joined(separator: ",")) : .list(values)
      default: preconditionFailure("asked for \(type), was given \(content)")
      }
    return (raw, origin(declaration.name))
  }
}

extension SettingDeclaration.Shape {
  fileprivate var configType: ConfigType {
    switch self {
    case .flag: .bool
    case .integer: .int
    case .decimal: .double
    case .text: .string
    case .list: .stringArray
    }
  }

  fileprivate var requirement: String {
    switch self {
    case .flag: "true or false"
    case .integer: "a whole number"
    case .decimal: "a number"
    case .text: "a text"
    case .list: "a list of texts"
    }
  }
}
