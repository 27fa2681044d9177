import Contracts

/// Finds the teams that a file names, by id or by name, and makes those that are missing where that is wanted.
struct TeamResolution {
  private let connection: Connection
  private let programme: ID<Programme>

  init(_ connection: Connection, programme: ID<Programme>) {
    self.connection = connection
    self.programme = programme
  }

  /// - Returns: the team of each name that has one.
  /// - Throws: `Fault` where the directory can't be asked or changed; `notFound` where the programme isn't there and
  ///   isn't to be created.
  func resolve(_ names: [String], creating: Bool) async throws -> [String: ID<Team>] {
    let directory = try await connection.ask(DirectoryAPI.directory, DirectoryRequest(programme: nil))
    if !directory.programmes.contains(where: { $0.id == programme }) {
      guard creating else {
        throw Fault(
          .notFound,
          reason: "unknownProgramme",
          "There is no programme '\(programme)'; create it with --create, or with groundswell programmes set."
        )
      }
      let value = Programme(id: programme, name: programme.rawValue)
      _ = try await connection.tell(DirectoryAPI.setProgramme, SetProgramme(value: value))
    }
    let teams = directory.teams.filter { $0.programme == programme }
    var resolved: [String: ID<Team>] = [:]
    for name in names {
      if let team = teams.first(where: { $0.id.rawValue == name || $0.name.lowercased() == name.lowercased() }) {
        resolved[name] = team.id
      } else if creating {
        let team = Team(id: Self.id(for: name), programme: programme, name: name)
        resolved[name] = try await connection.tell(DirectoryAPI.setTeam, SetTeam(team: team)).id
      }
    }
    return resolved
  }

  /// `Virgin America` becomes `virgin-america`; a name without letters or digits is taken as it is.
  static func id(for name: String) -> ID<Team> {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return ID(words.isEmpty ? name : words.joined(separator: "-"))
  }
}
