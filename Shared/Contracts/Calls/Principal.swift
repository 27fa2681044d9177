/// On whose behalf a call is made. Travels as call metadata `principal`, as JSON.
public struct Principal: Codable, Hashable, Sendable {
  public var role: Open<Role>
  public var employee: ID<Employee>?
  public var team: ID<Team>?
  /// What to call them in logs and records, e.g. an account or a program's name.
  public var name: String

  public init(role: Role, name: String, employee: ID<Employee>? = nil, team: ID<Team>? = nil) {
    self.role = .known(role)
    self.employee = employee
    self.team = team
    self.name = name
  }

  public enum Role: String, Codable, Sendable, CaseIterable {
    case frontLine, manager, partner, ops, auditor
    /// Another system, or one of our own services.
    case program
  }
}

/// Names of call metadata that Groundswell gives a meaning to.
public enum MetadataKey {
  /// The id under which a command is done at most once.
  public static let requestID = "request-id"
  /// The caller, as JSON of `Principal`.
  public static let principal = "principal"
  /// W3C Trace Context.
  public static let traceparent = "traceparent"
  /// `stream/instance/epoch/position`: answer only once the service has applied that much.
  public static let after = "after"
  /// Trailing metadata of a command: the position of the last record it wrote, in the same form as `after`.
  public static let position = "position"
  /// Trailing metadata of a failed call: the `Fault` as JSON.
  public static let fault = "fault"
}
