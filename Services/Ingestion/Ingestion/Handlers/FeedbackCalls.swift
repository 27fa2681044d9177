import Contracts
import ServiceRuntime
import Storage

/// Questions about what is held, and its erasure.
enum FeedbackCalls {
  /// The most pieces of feedback that one command erases.
  static let mostErased = 1000

  static func add(to calls: inout CallTable) {
    calls.query(IngestionAPI.feedback) { request, context in
      try await context.read { try FeedbackQueries(database: $0).page(request) }
    }
    calls.query(IngestionAPI.coverage) { request, context in
      try await context.read { try CoverageQueries(database: $0).report(request, now: context.time) }
    }
    calls.command(IngestionAPI.erase) { request, context, transaction in
      try erase(request, transaction, trace: context.trace)
    }
  }

  /// All or none, so that a mistyped id is noticed; what was erased before is left alone and not counted.
  private static func erase(
    _ request: EraseFeedback,
    _ transaction: Transaction,
    trace: TraceContext?
  ) throws -> EraseReceipt {
    guard request.ids.count <= mostErased else {
      throw Fault(
        .invalidArgument,
        reason: "tooMany",
        "At most \(mostErased) ids are taken at once.",
        field: "ids"
      )
    }
    guard !request.reason.allSatisfy(\.isWhitespace) else {
      throw Fault(
        .invalidArgument,
        reason: "emptyField",
        "Say why it is erased: others will want to know.",
        field: "reason"
      )
    }
    let rows = FeedbackRows(database: transaction.database)
    var erased = 0
    for (index, id) in request.ids.enumerated() {
      guard let (arrival, recorded) = try rows.recorded(id), recorded.programme == request.programme else {
        throw Fault(
          .notFound,
          reason: "unknownFeedback",
          "The programme '\(request.programme)' has no feedback '\(id)'.",
          field: "ids[\(index)]"
        )
      }
      guard !recorded.isErased else { continue }
      _ = try Erasure(transaction).erase(
        id,
        arrival: arrival,
        programme: request.programme,
        reason: request.reason,
        trace: trace
      )
      erased += 1
    }
    return EraseReceipt(erased: erased)
  }
}
