/// Whether a service takes calls, in the manner of gRPC's health checking protocol, as JSON.
public enum HealthAPI {
  static let service = "health.v1"

  /// Fails with NOT_FOUND for a service that isn't here.
  public static let check = Query<HealthRequest, HealthReport>(service, "Check")
  /// The state now, and then each change of it. A service that isn't here is reported, and watched for.
  public static let watch = Feed<HealthRequest, HealthReport>(service, "Watch")
}

public struct HealthRequest: Codable, Hashable, Sendable {
  /// A call service such as `ranking.v1`; empty or missing for the whole process.
  public var service: String?

  public init(service: String? = nil) {
    self.service = service
  }
}

public struct HealthReport: Codable, Hashable, Sendable {
  public var status: Open<HealthStatus>

  public init(status: HealthStatus) {
    self.status = .known(status)
  }
}

public enum HealthStatus: String, Codable, Sendable, CaseIterable {
  case serving = "SERVING"
  /// It finishes what it has accepted, and takes nothing new.
  case notServing = "NOT_SERVING"
  case serviceUnknown = "SERVICE_UNKNOWN"
}

/// What a process answers, for tools that have no copy of these contracts.
public enum ReflectionAPI {
  static let service = "reflection.v1"

  public static let services = Query<ReflectionRequest, ReflectionReport>(service, "Services")
}

public struct ReflectionRequest: Codable, Hashable, Sendable {
  public init() {}
}

public struct ReflectionReport: Codable, Hashable, Sendable {
  public var methods: [MethodReport]

  public init(methods: [MethodReport]) {
    self.methods = methods
  }
}

public struct MethodReport: Codable, Hashable, Sendable {
  /// `service/Method`, as calls name it.
  public var name: String
  public var kind: Open<MethodKind>
  /// JSON Schema (2020-12) of the request and of each answer.
  public var input: JSONValue
  public var output: JSONValue

  public init(name: String, kind: MethodKind, input: JSONValue, output: JSONValue) {
    self.name = name
    self.kind = .known(kind)
    self.input = input
    self.output = output
  }
}
