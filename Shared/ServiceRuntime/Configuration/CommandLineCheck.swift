/// Refuses a command line that would be misunderstood: unknown flags, values missing or too many, flags repeated.
///
/// The provider that reads the values afterwards is lenient: it ignores what nobody asks for.
struct CommandLineCheck {
  let declarations: [SettingDeclaration]

  /// - Parameter arguments: without the process' own name.
  func validate(_ arguments: [String]) throws(ConfigurationError) {
    var problems: [String] = []
    var given: Set<String> = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      guard argument.hasPrefix("--") else {
        problems.append("'\(argument)' belongs to no setting; settings are written --name value")
        continue
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      guard let declaration = declarations.first(where: { $0.name == name }) else {
        problems.append(unknown(name))
        index += index < arguments.count && !arguments[index].hasPrefix("--") ? 1 : 0
        continue
      }
      if !given.insert(name).inserted, declaration.shape != .list {
        problems.append("--\(name) is given twice")
      }
      if parts.count == 1, declaration.shape != .flag {
        if index < arguments.count, !arguments[index].hasPrefix("--") {
          index += 1
        } else {
          problems.append("--\(name) needs a value \(declaration.placeholder)")
        }
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(.usage, problems) }
  }

  private func unknown(_ name: String) -> String {
    let near = declarations.map(\.name)
      .map { (name: $0, distance: editDistance(name, $0)) }
      .min { $0.distance < $1.distance }
    let hint = near.flatMap { $0.distance <= 3 ? "; did you mean --\($0.name)?" : nil } ?? "; see --help"
    return "there is no setting --\(name)\(hint)"
  }
}

/// How many characters have to be inserted, deleted or replaced to turn `one` into `other` (Levenshtein's distance).
func editDistance(_ one: String, _ other: String) -> Int {
  let target = Array(other)
  var row = Array(0...target.count)
  for (index, character) in one.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in target.indices {
      let replaced = diagonal + (character == target[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
    }
  }
  return row[target.count]
}
