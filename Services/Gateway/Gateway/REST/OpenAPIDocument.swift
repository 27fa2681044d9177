package import Contracts

/// The API's OpenAPI 3.1 document, made of the same routes that are mounted.
package enum OpenAPIDocument {
  package static func document(of routes: [Route], version: String) -> JSONValue {
    var paths: [String: JSONValue] = [:]
    var schemas: [String: JSONValue] = ["Problem": problem]
    for route in routes {
      let path = "/api/v1\(route.path)"
      var operations = paths[path]?.members ?? [:]
      operations[route.verb.rawValue] = operation(route)
      paths[path] = .object(operations)
      schemas[route.outputName] = route.output
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Groundswell", "version": .string(version),
        "summary": "Customer feedback that becomes improvements.",
        "description": .string(explanation),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "tags": .array(Route.Area.allCases.map { ["name": .string($0.rawValue)] }),
      "paths": .object(paths),
      "components": ["schemas": .object(schemas), "responses": .object(problems), "headers": .object(headers)],
    ]
  }

  private static let explanation = """
    Every change takes an `Idempotency-Key`: a repeat under the same key gets the first answer again, and one is made \
    and returned where none is given. A change answers with `Groundswell-Position`; a later request that carries it as \
    `Groundswell-After` is answered only once the service has applied that much. Failures are problem documents \
    (RFC 9457) with a `reason` that never changes. `Groundswell-Actor` says in whose name a request is made, as JSON \
    with `role`, `name` and, where known, `employee` and `team`.
    """

  private static func operation(_ route: Route) -> JSONValue {
    var parameters: [JSONValue] = []
    for parameter in route.input.path { parameters.append(described(parameter, in: "path")) }
    for parameter in route.input.query { parameters.append(described(parameter, in: "query")) }
    parameters.append(header("Groundswell-After", "Answer only once this position has been applied."))
    parameters.append(header("Groundswell-Actor", "In whose name: JSON with role and name."))
    if route.isCommand { parameters.append(header("Idempotency-Key", "The same for every repeat of this request.")) }
    var members: [String: JSONValue] = [
      "operationId": .string(route.operationID), "summary": .string(route.summary),
      "tags": [.string(route.area.rawValue)], "parameters": .array(parameters), "responses": responses(of: route),
    ]
    if let body = route.input.body {
      members["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
    }
    return .object(members)
  }

  private static func described(_ parameter: RouteInput.Parameter, in place: String) -> JSONValue {
    [
      "name": .string(parameter.name), "in": .string(place), "required": .bool(parameter.isRequired),
      "schema": parameter.schema,
    ]
  }

  private static func header(_ name: String, _ description: String) -> JSONValue {
    [
      "name": .string(name), "in": "header", "required": false, "description": .string(description),
      "schema": ["type": "string"],
    ]
  }

  private static func responses(of route: Route) -> JSONValue {
    let schema: JSONValue = ["$ref": .string("#/components/schemas/\(route.outputName)")]
    var success: [String: JSONValue] = ["description": "The answer."]
    switch route.answer {
    case .json: success["content"] = ["application/json": ["schema": schema]]
    case .events: success["content"] = ["text/event-stream": ["schema": schema]]
    }
    if route.isCommand {
      success["headers"] = [
        "Groundswell-Position": ["$ref": "#/components/headers/Position"],
        "Idempotency-Key": ["$ref": "#/components/headers/Key"],
      ]
    }
    var responses: [String: JSONValue] = ["200": .object(success)]
    for code in route.errors {
      responses["\(code.httpStatus)"] = ["$ref": .string("#/components/responses/\(code.componentName)")]
    }
    return .object(responses)
  }

  /// One response for each HTTP status: several codes share one.
  private static let problems: [String: JSONValue] = {
    var responses: [String: JSONValue] = [:]
    for code in StatusCode.allCases {
      responses[code.componentName] = [
        "description": .string("A problem with status \(code.httpStatus)."),
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
      ]
    }
    return responses
  }()

  private static let headers: [String: JSONValue] = [
    "Position": [
      "description": "What the change wrote last, as stream/instance/epoch/position.", "schema": ["type": "string"],
    ],
    "Key": ["description": "The key under which the change was made.", "schema": ["type": "string"]],
  ]

  private static let problem: JSONValue = [
    "type": "object", "required": ["type", "title", "status", "detail", "code", "reason"],
    "properties": [
      "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
      "detail": ["type": "string", "description": "What was wrong and what to do, for people."],
      "code": StatusCode.schema,
      "reason": ["type": "string", "description": "What was wrong, for programs; it never changes."],
      "field": ["type": "string", "description": "The field of the request that was wrong, as a path."],
    ],
  ]
}

extension StatusCode {
  fileprivate var componentName: String { "Problem\(httpStatus)" }
}
