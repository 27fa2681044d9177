/// A method of a service: its name on the wire and the types that go in and out.
///
/// The four kinds differ in what a caller may expect, so each is a type of its own. A descriptor holds no code; a
/// service answers it, anyone may call it.
public protocol Method<Input, Output>: Sendable {
  associatedtype Input: Codable & Sendable
  associatedtype Output: Codable & Sendable
  var name: MethodName { get }
  static var kind: MethodKind { get }
}

extension Method {
  public var kind: MethodKind { Self.kind }
  public var inputType: any (Codable & Sendable).Type { Input.self }
  public var outputType: any (Codable & Sendable).Type { Output.self }
}

/// `service/Method`, as it stands on the wire, e.g. `loopclosure.v1/SubmitIdea`.
public struct MethodName: Hashable, Sendable, CustomStringConvertible {
  /// Service and major version, e.g. `loopclosure.v1`.
  public let service: String
  /// Upper camel case, e.g. `SubmitIdea`.
  public let method: String

  public init(service: String, method: String) {
    self.service = service
    self.method = method
  }

  public var description: String { "\(service)/\(method)" }
}

/// Reads without changing anything: safe to repeat and to hedge.
public struct Query<Input: Codable & Sendable, Output: Codable & Sendable>: Method {
  public static var kind: MethodKind { .query }
  public let name: MethodName
  public init(_ service: String, _ method: String) { name = MethodName(service: service, method: method) }
}

/// Changes something, once per request id (metadata `request-id`): a repeat gets the first answer again.
public struct Command<Input: Codable & Sendable, Output: Codable & Sendable>: Method {
  public static var kind: MethodKind { .command }
  public let name: MethodName
  public init(_ service: String, _ method: String) { name = MethodName(service: service, method: method) }
}

/// One request, any number of answers, each paid for with the caller's credit.
public struct Feed<Input: Codable & Sendable, Output: Codable & Sendable>: Method {
  public static var kind: MethodKind { .feed }
  public let name: MethodName
  public init(_ service: String, _ method: String) { name = MethodName(service: service, method: method) }
}

/// Requests and answers flow both ways at once, each side paying with the other's credit.
public struct Exchange<Input: Codable & Sendable, Output: Codable & Sendable>: Method {
  public static var kind: MethodKind { .exchange }
  public let name: MethodName
  public init(_ service: String, _ method: String) { name = MethodName(service: service, method: method) }
}

/// What a method does to the world, for reflection and for retry rules.
public enum MethodKind: String, Codable, Sendable, CaseIterable {
  case query, command, feed, exchange
}
