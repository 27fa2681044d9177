import AsyncAlgorithms
import Contracts
import GRPCCore
import Messaging
import ServiceRuntime
import Storage

/// The doors for other programs: events all or none, and events in a stream, each on its own.
struct IntakeCalls: Sendable {
  let desk: IntakeDesk

  /// The most events that one message may carry.
  static let mostEvents = 1000

  func add(to calls: inout CallTable) {
    calls.command(
      IngestionAPI.publish,
      as: .repeatable,
      preparing: { input, context in
        try IntakeCalls.requireBounded(input.events)
        let outcomes = try await desk.prepare(
          input.events.map { .json($0, bytes: nil) },
          from: context.store,
          receivedAt: context.time,
          trace: context.trace
        )
        return try IntakeCalls.faulting { try IntakeDesk.requireAll(outcomes) }
      },
      { prepared, _, transaction in
        try IntakeCalls.faulting { PublishReceipt(results: try IntakeWriter.writeAll(prepared, in: transaction)) }
      }
    )
    calls.exchange(IngestionAPI.intake) { batches, context, receipts in
      try await converse(batches, context, receipts)
    }
  }

  private struct PreparedBatch: Sendable {
    var number: Int
    var outcomes: [EventPreparer.Outcome]
  }

  /// Takes batch after batch. While one is being written the next is prepared, and no more than that: who sends faster
  /// runs out of credit. Batches are written in the order in which they came, so that what revises or withdraws comes
  /// after what it is about.
  private func converse(
    _ batches: CallMessages<IntakeBatch>,
    _ context: CallContext,
    _ receipts: RPCWriter<IntakeReceipt>
  ) async throws {
    let prepared = AsyncThrowingChannel<PreparedBatch, any Error>()
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          for try await batch in batches {
            // The call may have been open for hours: the time that it began at has to be brought up to date.
            let receivedAt = context.time + (ContinuousClock.now - start)
            await prepared.send(try await prepare(batch, context, receivedAt))
          }
          prepared.finish()
        } catch {
          prepared.fail(error)
        }
      }
      for try await batch in prepared {
        let results = try await context.store.write(as: .repeatable) {
          try IntakeWriter.writeEach(batch.outcomes, in: $0)
        }
        try await receipts.write(IntakeReceipt(number: batch.number, results: IntakeCalls.placed(results)))
      }
    }
  }

  private func prepare(
    _ batch: IntakeBatch,
    _ context: CallContext,
    _ receivedAt: Timestamp
  ) async throws -> PreparedBatch {
    try IntakeCalls.requireBounded(batch.events)
    let outcomes = try await desk.prepare(
      batch.events.map { .json($0, bytes: nil) },
      from: context.store,
      receivedAt: receivedAt,
      trace: context.trace
    )
    return PreparedBatch(number: batch.number, outcomes: outcomes)
  }

  /// A fault's field says which of the request's events it is about.
  private static func placed(_ results: [IntakeResult]) -> [IntakeResult] {
    results.enumerated().map { index, result in
      var placed = result
      placed.fault = result.fault?.within("events[\(index)]")
      return placed
    }
  }

  private static func requireBounded(_ events: [JSONValue]) throws(Fault) {
    guard events.count <= mostEvents else {
      throw Fault(
        .invalidArgument,
        reason: "tooManyEvents",
        "There are \(events.count) events; one message carries at most \(mostEvents).",
        field: "events"
      )
    }
  }

  /// Calls know one fault only: that of the first event that can't be taken.
  private static func faulting<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let refused as RefusedBatch {
      guard let first = refused.refusals.first else { throw refused }
      throw first.refusal.fault.within("events[\(first.index)]")
    }
  }
}
