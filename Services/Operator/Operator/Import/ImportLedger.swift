import Contracts
import DequeModule
import Synchronization

/// Some rows on their way, as one message of the intake.
struct ImportBatch: Sendable {
  var number: Int
  var rows: [ImportRow]
  var events: [JSONValue]

  var message: IntakeBatch { IntakeBatch(number: number, events: events) }
}

/// What was sent and not yet answered for, in order. It outlives a broken connection: what it holds is sent again.
final class ImportLedger: Sendable {
  private let unacknowledged = Mutex<Deque<ImportBatch>>([])

  func add(_ batch: ImportBatch) {
    unacknowledged.withLock { $0.append(batch) }
  }

  /// To be sent again on a new connection, in order.
  var outstanding: [ImportBatch] { unacknowledged.withLock { Array($0) } }

  /// Takes out the batch that a receipt is for: always the oldest.
  /// - Throws: `Fault` INTERNAL where the service answers out of order.
  func settle(_ receipt: IntakeReceipt) throws -> ImportBatch {
    try unacknowledged.withLock { batches in
      guard let oldest = batches.first, oldest.number == receipt.number, oldest.events.count == receipt.results.count
      else {
        throw Fault(
          .internal,
          reason: "receiptOutOfOrder",
          "Ingestion answered for batch \(receipt.number), which wasn't due."
        )
      }
      return batches.removeFirst()
    }
  }
}
