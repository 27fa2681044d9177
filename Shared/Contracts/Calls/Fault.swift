/// Why a request was not done: for people a sentence, for programs a code and a reason that never change.
///
/// On a call it travels as the status' code and message, and whole, as JSON, in the trailing metadata `fault`.
/// Over HTTP it is `application/problem+json` (RFC 9457).
public struct Fault: Error, Hashable, Sendable, Codable {
  public var code: StatusCode
  /// A machine-readable word in lower camel case, e.g. `unknownProgramme`, `scoreTargetForbidden`.
  public var reason: String
  /// What was wrong, where, and what to do, in a sentence or two.
  public var message: String
  /// The field of the request that was wrong, as a path such as `events[3].data.text`.
  public var field: String?

  public init(_ code: StatusCode, reason: String, _ message: String, field: String? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.field = field
  }
}

extension Fault: CustomStringConvertible {
  public var description: String {
    let place = field.map { " (at \($0))" } ?? ""
    return "\(code.rawValue)/\(reason): \(message)\(place)"
  }
}

/// gRPC's status codes (github.com/grpc/grpc, doc/statuscodes.md) without OK, in their wire spelling.
public enum StatusCode: String, Codable, Sendable, CaseIterable {
  /// The caller gave up.
  case cancelled = "CANCELLED"
  case unknown = "UNKNOWN"
  /// Wrong whatever the state: mend the request.
  case invalidArgument = "INVALID_ARGUMENT"
  /// It may have been done all the same: repeat it under the same request id.
  case deadlineExceeded = "DEADLINE_EXCEEDED"
  case notFound = "NOT_FOUND"
  case alreadyExists = "ALREADY_EXISTS"
  case permissionDenied = "PERMISSION_DENIED"
  /// Credit, quota or disk is used up: try later.
  case resourceExhausted = "RESOURCE_EXHAUSTED"
  /// The state forbids it: don't repeat until the state has changed.
  case failedPrecondition = "FAILED_PRECONDITION"
  /// Somebody else was first: read again, then decide again.
  case aborted = "ABORTED"
  /// A position that has been trimmed: take a snapshot.
  case outOfRange = "OUT_OF_RANGE"
  case unimplemented = "UNIMPLEMENTED"
  case `internal` = "INTERNAL"
  /// Repeat the call.
  case unavailable = "UNAVAILABLE"
  /// A checksum or a chain hash that does not fit.
  case dataLoss = "DATA_LOSS"
  case unauthenticated = "UNAUTHENTICATED"

  /// The number on the wire.
  public var number: Int {
    switch self {
    case .cancelled: 1
    case .unknown: 2
    case .invalidArgument: 3
    case .deadlineExceeded: 4
    case .notFound: 5
    case .alreadyExists: 6
    case .permissionDenied: 7
    case .resourceExhausted: 8
    case .failedPrecondition: 9
    case .aborted: 10
    case .outOfRange: 11
    case .unimplemented: 12
    case .internal: 13
    case .unavailable: 14
    case .dataLoss: 15
    case .unauthenticated: 16
    }
  }

  /// The nearest HTTP status (as google.rpc.Code maps them).
  public var httpStatus: Int {
    switch self {
    case .cancelled: 499
    case .invalidArgument, .outOfRange: 400
    case .deadlineExceeded: 504
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .permissionDenied: 403
    case .resourceExhausted: 429
    case .failedPrecondition: 422
    case .unimplemented: 501
    case .unavailable: 503
    case .unauthenticated: 401
    case .unknown, .internal, .dataLoss: 500
    }
  }
}
