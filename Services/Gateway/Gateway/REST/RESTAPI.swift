import Contracts
import Foundation
import HTTPTypes
package import Hummingbird
import Messaging
import ServiceContextModule
import ServiceRuntime

/// Mounts routes on a router and serves their OpenAPI document.
package struct RESTAPI: Sendable {
  let routes: [Route]
  let hub: EventHub
  /// The largest body that a request may have.
  static let mostBodyBytes = 1024 * 1024

  package init(_ routes: [Route], hub: EventHub) {
    self.routes = routes
    self.hub = hub
  }

  package func mount(on router: Router<BasicRequestContext>) throws {
    let document = OpenAPIDocument.document(of: routes, version: groundswellVersion)
    let bytes = try MessageCoding.encode(document)
    router.get("openapi.json") { _, _ in Response(json: bytes) }
    for route in routes {
      router.on(Self.pattern(of: route), method: route.verb.method) { request, context in
        try await answer(route, request, context)
      }
    }
  }

  /// The router tells captures apart by their names, the API by their place, so the names in the router are places.
  private static func pattern(of route: Route) -> RouterPath {
    var count = 0
    let parts = route.path.split(separator: "/").map { part -> String in
      guard part.hasPrefix("{") else { return String(part) }
      defer { count += 1 }
      return "{part\(count)}"
    }
    return RouterPath("api/v1/\(parts.joined(separator: "/"))")
  }

  private func answer(_ route: Route, _ request: Request, _ context: BasicRequestContext) async throws -> Response {
    try RequestOrigin.check(request, isCommand: route.isCommand)
    let call = try RequestHeaders.call(request)
    var values: [String: String] = [:]
    for (index, parameter) in route.input.path.enumerated() {
      let text = try context.parameters.require("part\(index)")
      values[parameter.name] = text.removingPercentEncoding ?? text
    }
    let items = request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) }
    let body = route.isCommand ? try await request.body.collect(upTo: Self.mostBodyBytes) : ByteBuffer()
    let message = try route.input.message(path: values, query: items, body: Array(body.readableBytesView))
    switch route.answer {
    case .json(let answer):
      let reply = try await answer(message, call)
      var response = Response(json: reply.body)
      for position in reply.positions {
        response.headers.append(HTTPField(name: .groundswellPosition, value: position))
      }
      if route.isCommand { response.headers[.idempotencyKey] = call.requestID.rawValue }
      return response
    case .events:
      let wanted = try MessageCoding.decode(StreamRequest.self, from: MessageCoding.encode(message))
      return try EventStreamResponse.response(hub, wanted)
    }
  }
}

/// The headers that say more than the message.
enum RequestHeaders {
  static func call(_ request: Request) throws(Fault) -> RouteCall {
    RouteCall(
      requestID: try requestID(request),
      principal: try principal(request),
      after: request.headers[values: .groundswellAfter].flatMap { value in
        value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      },
      trace: ServiceContext.current?.trace
    )
  }

  /// The key may come quoted, as a structured field, or bare.
  private static func requestID(_ request: Request) throws(Fault) -> ID<Contracts.Request> {
    guard let header = request.headers[.idempotencyKey] else { return ID(UUID().uuidString.lowercased()) }
    let isQuoted = header.count >= 2 && header.hasPrefix("\"") && header.hasSuffix("\"")
    let key = isQuoted ? String(header.dropFirst().dropLast()) : header
    guard ID<Contracts.Request>.isWellFormed(key), key.utf8.count <= 100 else {
      throw Fault(
        .invalidArgument,
        reason: "malformedIdempotencyKey",
        "An Idempotency-Key has 1 to 100 bytes.",
        field: "Idempotency-Key"
      )
    }
    return ID(key)
  }

  private static func principal(_ request: Request) throws(Fault) -> Principal {
    guard let header = request.headers[.groundswellActor] else { return Principal(role: .program, name: "REST") }
    do {
      // Names outside ASCII come percent-encoded: header values hold nothing else.
      let json = header.removingPercentEncoding ?? header
      return try MessageCoding.decode(Principal.self, from: Array(json.utf8))
    } catch {
      throw Fault(
        .invalidArgument,
        reason: "malformedActor",
        "Groundswell-Actor has to be JSON such as {\"role\":\"frontLine\",\"name\":\"Ana\"}: \(error.message)",
        field: "Groundswell-Actor"
      )
    }
  }
}

/// Keeps other sites' pages from making changes through a visitor's browser.
enum RequestOrigin {
  static func check(_ request: Request, isCommand: Bool) throws(Fault) {
    guard isCommand else { return }
    if let origin = request.headers[.origin], let host = request.head.authority,
      !origin.hasSuffix("://\(host)")
    {
      throw Fault(
        .permissionDenied,
        reason: "foreignOrigin",
        "Changes are taken from this console and from programs only."
      )
    }
    // A form of another site can send text, but not JSON, without asking first.
    guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
      throw Fault(
        .invalidArgument,
        reason: "contentTypeMissing",
        "The body has to be sent as application/json.",
        field: "Content-Type"
      )
    }
  }
}

extension HTTPField.Name {
  /// Written out once; each is a valid token, so none can be missing.
  static let idempotencyKey = known("Idempotency-Key")
  static let groundswellPosition = known("Groundswell-Position")
  static let groundswellAfter = known("Groundswell-After")
  static let groundswellActor = known("Groundswell-Actor")
  static let contentSecurityPolicy = known("Content-Security-Policy")
  static let referrerPolicy = known("Referrer-Policy")

  private static func known(_ name: String) -> HTTPField.Name {
    guard let field = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no header's name") }
    return field
  }
}

extension Response {
  init(json bytes: [UInt8]) {
    self.init(
      status: .ok,
      headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    )
  }
}

extension Route.Verb {
  fileprivate var method: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    case .put: .put
    }
  }
}
