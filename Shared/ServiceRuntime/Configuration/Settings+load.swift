extension Settings {
  /// Reads the settings of a service: flags, then environment, then file, then defaults.
  ///
  /// - Parameters:
  ///   - own: the settings that the service declares beside the standard ones.
  ///   - arguments: the process' arguments, its own name first.
  /// - Throws: `ConfigurationError` with every problem found.
  package static func load(
    for profile: ServiceProfile,
    own: [any AnySetting] = [],
    arguments: [String],
    environment: [String: String]
  ) async throws(ConfigurationError) -> Settings {
    let standard = StandardSettings(profile).all
    let all = standard + own
    try CommandLineCheck(declarations: all.map(\.declaration)).validate(Array(arguments.dropFirst()))
    let withoutFile = SettingsReader(
      settings: [StandardSettings.config],
      service: profile.name,
      arguments: arguments,
      environment: environment,
      file: nil
    )
    var file: ConfigurationFile?
    if let path = try withoutFile.read()[StandardSettings.config] {
      file = try await ConfigurationFile(
        path: path,
        service: profile.name,
        shared: Set(standard.map(\.declaration.name)),
        own: Set(own.map(\.declaration.name))
      )
    }
    return try SettingsReader(
      settings: all,
      service: profile.name,
      arguments: arguments,
      environment: environment,
      file: file
    ).read()
  }
}
