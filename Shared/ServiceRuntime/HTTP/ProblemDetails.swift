package import Contracts
import Foundation
import HTTPTypes
package import Hummingbird
import Logging

/// Answers whatever a handler throws with `application/problem+json` (RFC 9457), and lets nothing else out.
package struct ProblemDetails<Context: RequestContext>: RouterMiddleware {
  package init() {}

  @concurrent package func handle(
    _ request: Request,
    context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let fault = Fault(http: error)
      if fault.code == .internal {
        context.logger.error(
          "a request failed in a way nobody foresaw",
          metadata: ["path": "\(request.uri.path)", "error": "\(error)"]
        )
      }
      return Response(problem: fault, status: (error as? HTTPError)?.status)
    }
  }
}

extension Fault {
  fileprivate init(http error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    case let error as HTTPError: self.init(error)
    case is CancellationError: self.init(.cancelled, reason: "cancelled", "The request was cancelled.")
    default:
      self =
        Fault(storage: error)
        ?? Fault(.internal, reason: "unexpected", "The request failed in a way nobody foresaw; the log says how.")
    }
  }

  private init(_ error: HTTPError) {
    let code: StatusCode =
      switch error.status.code {
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404, 405: .notFound
      case 413, 429: .resourceExhausted
      case 500...599: .unavailable
      default: .invalidArgument
      }
    self.init(code, reason: "http\(error.status.code)", error.body ?? error.status.reasonPhrase)
  }
}

extension Response {
  /// A fault as a problem document.
  /// - Parameter status: in place of the one that the fault's code stands for.
  package init(problem fault: Fault, status: HTTPResponse.Status? = nil) {
    let status = status ?? HTTPResponse.Status(code: fault.code.httpStatus)
    var members: [String: JSONValue] = [
      "type": .string("about:blank"), "title": .string(fault.reason), "status": .integer(Int64(status.code)),
      "detail": .string(fault.message), "code": .string(fault.code.rawValue), "reason": .string(fault.reason),
    ]
    if let field = fault.field { members["field"] = .string(field) }
    var headers: HTTPFields = [.contentType: "application/problem+json"]
    if fault.code == .resourceExhausted || fault.code == .unavailable { headers[.retryAfter] = "1" }
    do {
      let body = try MessageCoding.encode(JSONValue.object(members))
      self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    } catch {
      // Text and numbers always encode; the status alone still says what happened.
      self.init(status: status)
    }
  }
}
