import Contracts
import HTTPTypes
import Hummingbird
import ServiceRuntime

/// Why a request was not taken, as a problem document (RFC 9457). Beside the standard's members it has `reason`, a word
/// that never changes, `field`, the path of what is wrong, `index` in a batch, and `errors`, one for each event at fault.
struct IntakeProblem {
  /// What only HTTP can have wrong.
  enum Cause: Error {
    case tooLarge(String)
    case unsupportedType(String)
    case tooSlow(String)
  }

  private var status: HTTPResponse.Status
  private var fault: Fault
  private var refusals: [RefusedBatch.Entry] = []

  init(_ error: any Error) {
    switch error {
    case Cause.tooLarge(let message):
      self.init(.contentTooLarge, Fault(.invalidArgument, reason: "tooLarge", message))
    case Cause.unsupportedType(let message):
      self.init(
        .unsupportedMediaType,
        Fault(.invalidArgument, reason: "unsupportedContentType", message, field: "content-type")
      )
    case Cause.tooSlow(let message):
      self.init(.requestTimeout, Fault(.deadlineExceeded, reason: "tooSlow", message))
    case let refused as RefusedBatch: self.init(refused)
    case let fault as Fault: self.init(HTTPResponse.Status(code: fault.code.httpStatus), fault)
    default:
      guard let fault = Fault(storage: error) else {
        self.init(
          .internalServerError,
          Fault(.internal, reason: "unexpected", "The request failed in a way nobody foresaw; the log says how.")
        )
        return
      }
      // A full inbox passes in a moment; a full disk is a failure of the service, not of the sender's pace.
      let isBusy = fault.reason == "overloaded"
      self.init(isBusy ? .tooManyRequests : .serviceUnavailable, fault)
    }
  }

  private init(_ status: HTTPResponse.Status, _ fault: Fault) {
    self.status = status
    self.fault = fault
  }

  private init(_ refused: RefusedBatch) {
    let first = refused.refusals.first?.refusal.fault ?? Fault(.internal, reason: "unexpected", "Nothing was refused.")
    let isMalformed = refused.refusals.contains { $0.refusal.kind == .malformed }
    self.init(isMalformed ? .badRequest : .unprocessableContent, first)
    refusals = refused.refusals
  }

  /// Whether somebody should look at this service rather than at the request.
  var isOurs: Bool { status.code >= 500 }

  var response: Response {
    var response: Response
    do {
      response = try Response(json: JSONValue.object(members), status: status, type: "application/problem+json")
    } catch {
      // Texts and whole numbers always encode; the status alone still says what happened.
      response = Response(status: status)
    }
    if status == .tooManyRequests || status == .serviceUnavailable { response.headers[.retryAfter] = "1" }
    return response
  }

  private var members: [String: JSONValue] {
    var members = IntakeProblem.members(of: fault)
    members["type"] = .string("about:blank")
    members["title"] = .string(status.reasonPhrase)
    members["status"] = .integer(Int64(status.code))
    members["code"] = .string(fault.code.rawValue)
    guard let first = refusals.first else { return members }
    members["index"] = .integer(Int64(first.index))
    members["errors"] = .array(
      refusals.map { entry in
        var error = IntakeProblem.members(of: entry.refusal.fault)
        error["index"] = .integer(Int64(entry.index))
        return .object(error)
      }
    )
    return members
  }

  private static func members(of fault: Fault) -> [String: JSONValue] {
    var members: [String: JSONValue] = ["detail": .string(fault.message), "reason": .string(fault.reason)]
    members["field"] = fault.field.map(JSONValue.string)
    return members
  }
}
