/// A programme was created or changed.
public struct ProgrammeSet: Event, Hashable {
  public static let type = EventType("directory.programmeSet")
  public static let stream = StreamName.directory
  /// The programme as it stands since.
  public var value: Programme

  public init(value: Programme) {
    self.value = value
  }

  public var programme: ID<Programme> { value.id }
  public var key: String { value.id.rawValue }
}

/// A team was created or changed.
public struct TeamSet: Event, Hashable {
  public static let type = EventType("directory.teamSet")
  public static let stream = StreamName.directory
  public var team: Team

  public init(team: Team) {
    self.team = team
  }

  public var programme: ID<Programme> { team.programme }
  public var key: String { team.id.rawValue }
}

/// Someone joined, moved or changed hours.
public struct EmployeeSet: Event, Hashable {
  public static let type = EventType("directory.employeeSet")
  public static let stream = StreamName.directory
  public var employee: Employee

  public init(employee: Employee) {
    self.employee = employee
  }

  public var programme: ID<Programme> { employee.programme }
  public var key: String { employee.id.rawValue }
}
