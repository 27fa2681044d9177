package import Contracts
import Messaging
import ServiceRuntime

/// One thing that can be asked over HTTP: what is mounted and what the OpenAPI document says are both made of it.
package struct Route: Sendable {
  package enum Verb: String, Sendable {
    case get, post, put
  }

  package let verb: Verb
  /// Below `/api/v1`, with names in braces.
  package let path: String
  let area: Area
  let summary: String
  let operationID: String
  let input: RouteInput
  let output: JSONValue
  /// The component's name in the document.
  let outputName: String
  /// Whether it changes something, once per `Idempotency-Key`.
  let isCommand: Bool
  let answer: Answer

  enum Answer: Sendable {
    case json(@Sendable (JSONValue, RouteCall) async throws -> RouteReply)
    /// Live events, as long as the client listens.
    case events
  }

  /// The chapters of the document.
  package enum Area: String, Sendable, CaseIterable {
    case directory, feedback, opportunities, teams, cases, ideas, graveyard, adoption, goals, partnership, meetings
    case scores, operations
  }

  /// The failures that the document promises.
  var errors: [StatusCode] {
    isCommand
      ? [
        .invalidArgument, .permissionDenied, .notFound, .alreadyExists, .failedPrecondition, .resourceExhausted,
        .unavailable, .deadlineExceeded,
      ] : [.invalidArgument, .notFound, .unavailable, .deadlineExceeded]
  }
}

/// What comes with a request beside its message.
package struct RouteCall: Sendable {
  /// From `Idempotency-Key`, or made here.
  package var requestID: ID<Request>
  package var principal: Principal
  /// From `Groundswell-After`.
  package var after: [String]
  package var trace: TraceContext?

  package init(requestID: ID<Request>, principal: Principal, after: [String] = [], trace: TraceContext? = nil) {
    self.requestID = requestID
    self.principal = principal
    self.after = after
    self.trace = trace
  }
}

/// An answer as JSON, with the positions that a later request may ask to come after.
package struct RouteReply: Sendable {
  package var body: [UInt8]
  package var positions: [String]

  package init(body: [UInt8], positions: [String] = []) {
    self.body = body
    self.positions = positions
  }
}

extension Route {
  /// A question, answered by another service.
  static func get(
    _ path: String,
    _ area: Area,
    _ method: any Method,
    at service: ServiceProfile,
    _ services: ServiceCalls,
    _ summary: String
  ) throws -> Route {
    try forward(.get, path, area, method, at: service, services, summary, wrapper: nil)
  }

  /// A change, made by another service.
  static func post(
    _ path: String,
    _ area: Area,
    _ method: any Method,
    at service: ServiceProfile,
    _ services: ServiceCalls,
    _ summary: String
  ) throws -> Route {
    try forward(.post, path, area, method, at: service, services, summary, wrapper: nil)
  }

  static func put(
    _ path: String,
    _ area: Area,
    _ method: any Method,
    at service: ServiceProfile,
    _ services: ServiceCalls,
    _ summary: String,
    wrapper: String? = nil
  ) throws -> Route {
    try forward(.put, path, area, method, at: service, services, summary, wrapper: wrapper)
  }

  private static func forward(
    _ verb: Verb,
    _ path: String,
    _ area: Area,
    _ method: any Method,
    at service: ServiceProfile,
    _ services: ServiceCalls,
    _ summary: String,
    wrapper: String?
  ) throws -> Route {
    let name = method.name
    let isCommand = method.kind == .command
    precondition(isCommand == (verb != .get), "\(name) does not go with \(verb.rawValue)")
    return Route(
      verb: verb,
      path: path,
      area: area,
      summary: summary,
      operationID: name.method.lowercasingFirst,
      input: try RouteInput(method.inputType, in: path, hasBody: verb != .get, wrapper: wrapper),
      output: try JSONSchema.describing(method.outputType),
      outputName: "\(method.outputType)",
      isCommand: isCommand,
      answer: .json { message, call in
        try await services.forward(message, to: name, of: service, isCommand: isCommand, call)
      }
    )
  }

  /// Something that the gateway does itself.
  static func own<Input: Codable & Sendable, Output: Codable & Sendable>(
    _ verb: Verb,
    _ path: String,
    _ area: Area,
    _ operationID: String,
    _ summary: String,
    wrapper: String? = nil,
    _ answer: @escaping @Sendable (Input, RouteCall) async throws -> (Output, positions: [String])
  ) throws -> Route {
    Route(
      verb: verb,
      path: path,
      area: area,
      summary: summary,
      operationID: operationID,
      input: try RouteInput(Input.self, in: path, hasBody: verb != .get, wrapper: wrapper),
      output: try JSONSchema.describing(Output.self),
      outputName: "\(Output.self)",
      isCommand: verb != .get,
      answer: .json { message, call in
        let input = try MessageCoding.decode(Input.self, from: MessageCoding.encode(message))
        let (output, positions) = try await answer(input, call)
        return RouteReply(body: try MessageCoding.encode(output), positions: positions)
      }
    )
  }
}

extension String {
  var lowercasingFirst: String { prefix(1).lowercased() + dropFirst() }
}
