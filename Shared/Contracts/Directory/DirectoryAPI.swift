/// What the gateway answers about programmes, teams and people.
public enum DirectoryAPI {
  static let service = "directory.v1"

  public static let directory = Query<DirectoryRequest, Directory>(service, "Directory")
  public static let setProgramme = Command<SetProgramme, Programme>(service, "SetProgramme")
  public static let setTeam = Command<SetTeam, Team>(service, "SetTeam")
  public static let setEmployee = Command<SetEmployee, Employee>(service, "SetEmployee")
}

public struct DirectoryRequest: Codable, Hashable, Sendable {
  /// All programmes where it isn't given.
  public var programme: ID<Programme>?

  public init(programme: ID<Programme>? = nil) {
    self.programme = programme
  }
}

public struct Directory: Codable, Hashable, Sendable {
  public var programmes: [Programme]
  public var teams: [Team]
  public var employees: [Employee]

  public init(programmes: [Programme], teams: [Team], employees: [Employee]) {
    self.programmes = programmes
    self.teams = teams
    self.employees = employees
  }
}

public struct SetProgramme: Codable, Hashable, Sendable {
  public var value: Programme

  public init(value: Programme) {
    self.value = value
  }
}

public struct SetTeam: Codable, Hashable, Sendable {
  public var team: Team

  public init(team: Team) {
    self.team = team
  }
}

public struct SetEmployee: Codable, Hashable, Sendable {
  public var employee: Employee

  public init(employee: Employee) {
    self.employee = employee
  }
}
