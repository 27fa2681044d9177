package import Contracts
package import GRDB
package import Storage

/// Programmes, teams and people: the gateway decides on them, and everyone else hears of it.
package enum DirectoryBook {
  package static func set(_ request: SetProgramme, _ transaction: Transaction) throws -> Programme {
    let rows = DirectoryRows(database: transaction.database)
    try DirectoryRules.check(request.value)
    // Saying the same again is no news.
    guard try rows.programme(request.value.id) != request.value else { return request.value }
    try rows.save(request.value)
    try transaction.append(ProgrammeSet(value: request.value))
    return request.value
  }

  package static func set(_ request: SetTeam, _ transaction: Transaction) throws -> Team {
    let rows = DirectoryRows(database: transaction.database)
    try DirectoryRules.check(request.team)
    try checkProgramme(request.team.programme, rows)
    guard try rows.team(request.team.id, in: request.team.programme) != request.team else { return request.team }
    try rows.save(request.team)
    try transaction.append(TeamSet(team: request.team))
    return request.team
  }

  package static func set(_ request: SetEmployee, _ transaction: Transaction) throws -> Employee {
    let rows = DirectoryRows(database: transaction.database)
    let employee = request.employee
    try DirectoryRules.check(employee)
    try checkProgramme(employee.programme, rows)
    guard try rows.team(employee.team, in: employee.programme) != nil else {
      throw Fault(
        .notFound,
        reason: "unknownTeam",
        "Programme '\(employee.programme)' has no team '\(employee.team)'.",
        field: "team"
      )
    }
    guard try rows.employee(employee.id, in: employee.programme) != employee else { return employee }
    try rows.save(employee)
    try transaction.append(EmployeeSet(employee: employee))
    return employee
  }

  package static func directory(_ request: DirectoryRequest, _ database: Database) throws -> Directory {
    let rows = DirectoryRows(database: database)
    if let programme = request.programme { try checkProgramme(programme, rows) }
    return try rows.directory(of: request.programme)
  }

  static func checkProgramme(_ id: ID<Programme>, _ rows: DirectoryRows) throws {
    guard try rows.programme(id) != nil else {
      throw Fault(
        .notFound,
        reason: "unknownProgramme",
        "There is no programme '\(id)': PUT it to /api/v1/programmes/\(id) first.",
        field: "programme"
      )
    }
  }
}
