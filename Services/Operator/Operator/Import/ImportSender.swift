import AsyncAlgorithms
import Contracts
import GRPCCore
import Messaging
import ServiceRuntime

/// Sends batches over the acknowledged intake, and goes on after a broken connection with what wasn't answered for.
struct ImportSender {
  let connection: Connection
  let programme: ID<Programme>
  let batches: AsyncChannel<ImportBatch>
  let ledger = ImportLedger()
  /// Settles one batch with its receipt.
  let settle: @Sendable (ImportBatch, IntakeReceipt) async throws -> Void

  /// How many batches may be on their way at once.
  private static let window = 8
  /// How often in a row a connection may break without a single receipt in between.
  private static let mostFailures = 40

  /// Returns once every batch of the channel is settled.
  /// - Throws: `Fault` where the service can't be reached for too long, or refuses the stream as a whole.
  func run() async throws {
    var failures = 0
    while true {
      let settledBefore = ledger.outstanding.first?.number
      do {
        // One instance takes the whole import, as long as it is there: it recognises repeats of its own by itself.
        return try await converse(with: (home + failures) % max(1, connection.count(of: .ingestion)))
      } catch let fault as Fault where fault.code == .unavailable || fault.code == .resourceExhausted {
        failures = ledger.outstanding.first?.number == settledBefore ? failures + 1 : 1
        guard failures < Self.mostFailures else { throw fault }
        // Full jitter, so that many importers don't come back at the same instant.
        let ceiling = min(2000, 50 << min(failures, 6))
        try await Task.sleep(for: .milliseconds(Int.random(in: 10...ceiling)))
      }
    }
  }

  /// The instance of Ingestion that the programme's feedback goes to, where there are several.
  private var home: Int {
    Int(Partition(of: programme).rawValue) % max(1, connection.count(of: .ingestion))
  }

  /// One connection's worth: what is outstanding first, then what comes.
  private func converse(with instance: Int) async throws {
    let client = try connection.client(of: .ingestion, instance: instance)
    var settings = connection.callSettings()
    settings.timeout = nil
    // `run` decides how long to go on without the service.
    settings.waitsForReady = false
    let (permits, grant) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(Self.window))
    for _ in 0..<Self.window { grant.yield() }
    let (ledger, batches, settle) = (ledger, batches, settle)
    try await client.exchange(IngestionAPI.intake, settings) { writer in
      var permit = permits.makeAsyncIterator()
      for batch in ledger.outstanding {
        guard await permit.next() != nil else { return }
        try await writer.write(batch.message)
      }
      for await batch in batches {
        ledger.add(batch)
        guard await permit.next() != nil else { return }
        try await writer.write(batch.message)
      }
    } receive: { receipts in
      defer { grant.finish() }
      for try await receipt in receipts {
        try await settle(ledger.settle(receipt), receipt)
        grant.yield()
      }
      guard ledger.outstanding.isEmpty else {
        throw Fault(.unavailable, reason: "intakeEnded", "Ingestion ended the intake before it had answered for all.")
      }
    }
  }
}
