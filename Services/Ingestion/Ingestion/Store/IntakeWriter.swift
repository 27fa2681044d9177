import Contracts
import Foundation
import GRDB
import Records
import Storage

/// Writes prepared events: state and records in one transaction. Everything slow has been done before.
struct IntakeWriter {
  let transaction: Transaction
  private let rows: FeedbackRows
  private var counts = ChannelCounts()

  init(_ transaction: Transaction) {
    self.transaction = transaction
    rows = FeedbackRows(database: transaction.database)
  }

  /// Writes what can be written; each event stands or falls alone.
  /// - Throws: only where the store fails; nothing is written then.
  static func writeEach(_ events: [EventPreparer.Outcome], in transaction: Transaction) throws -> [IntakeResult] {
    var writer = IntakeWriter(transaction)
    let results = try events.map { outcome in
      do {
        return try writer.write(outcome.get())
      } catch let refusal as Refusal {
        return IntakeResult(outcome: .known(.rejected), fault: refusal.fault)
      }
    }
    try writer.counts.write(to: transaction.database)
    return results
  }

  /// Writes all or, where one can't be taken, throws and leaves it to the transaction to write none.
  /// - Throws: `RefusedBatch`, or the store's error.
  static func writeAll(_ events: [PreparedEvent], in transaction: Transaction) throws -> [IntakeResult] {
    var writer = IntakeWriter(transaction)
    var results: [IntakeResult] = []
    for (index, event) in events.enumerated() {
      do {
        results.append(try writer.write(event))
      } catch let refusal as Refusal {
        throw RefusedBatch(refusals: [RefusedBatch.Entry(index: index, refusal: refusal)])
      }
    }
    try writer.counts.write(to: transaction.database)
    return results
  }

  // Each of these decides before it writes anything, so that a refused event leaves no trace.
  private mutating func write(_ event: PreparedEvent) throws -> IntakeResult {
    do {
      switch event {
      case .feedback(let feedback): return try write(feedback)
      case .withdrawal(let withdrawal): return try write(withdrawal)
      case .observation(let observation): return try write(observation)
      case .interactions(let interactions): return try write(interactions)
      }
    } catch let fault as Fault {
      throw Refusal(kind: .unacceptable, fault: fault)
    }
  }

  private mutating func write(_ feedback: PreparedFeedback) throws -> IntakeResult {
    let recorded = try rows.recorded(feedback.id)
    let decision = try ArrivalDecision.onFeedback(
      programme: feedback.programme,
      revision: feedback.revision,
      recorded: recorded?.1
    )
    switch (decision, recorded?.arrival) {
    case (.duplicate(let position), _):
      return IntakeResult(outcome: .known(.duplicate), feedback: feedback.id, position: position)
    case (.revise, let arrival?):
      let position = try append(feedback, as: FeedbackRevised.type)
      try rows.revise(feedback, arrival: arrival, position: position)
      return IntakeResult(outcome: .known(.accepted), feedback: feedback.id, position: position)
    default:
      let position = try append(feedback, as: FeedbackRecorded.type)
      try rows.insert(feedback, position: position)
      counts.add(feedback, isNewInteraction: try isNewInteraction(feedback))
      return IntakeResult(outcome: .known(.accepted), feedback: feedback.id, position: position)
    }
  }

  private func append(_ feedback: PreparedFeedback, as type: EventType) throws -> UInt64 {
    let position = try transaction.appendRaw(
      to: .ingestion,
      type: type,
      programme: feedback.programme,
      key: feedback.id.rawValue,
      schemaVersion: FeedbackRecorded.schemaVersion,
      time: feedback.receivedAt,
      trace: feedback.trace,
      body: feedback.body
    )
    for score in feedback.scores {
      try transaction.appendRaw(
        to: .scores,
        type: ScoreObserved.type,
        programme: feedback.programme,
        key: feedback.id.rawValue,
        schemaVersion: ScoreObserved.schemaVersion,
        time: feedback.receivedAt,
        trace: feedback.trace,
        body: score
      )
    }
    return position
  }

  private func isNewInteraction(_ feedback: PreparedFeedback) throws -> Bool {
    guard let interaction = feedback.interaction else { return true }
    try transaction.database.cachedStatement(
      sql: "INSERT OR IGNORE INTO heard_interaction (programme, channel, interaction) VALUES (?, ?, ?)"
    ).execute(arguments: [feedback.programme.rawValue, feedback.channel, interaction])
    return transaction.database.changesCount > 0
  }

  private func write(_ withdrawal: PreparedWithdrawal) throws -> IntakeResult {
    let recorded = try rows.recorded(withdrawal.target)
    let decision = try ArrivalDecision.onWithdrawal(withdrawal.withdrawal, recorded: recorded?.1)
    guard case .erase = decision, let arrival = recorded?.arrival else {
      return IntakeResult(
        outcome: .known(.duplicate),
        feedback: withdrawal.target,
        position: recorded?.1.position
      )
    }
    let position = try Erasure(transaction).erase(
      withdrawal.target,
      arrival: arrival,
      programme: withdrawal.withdrawal.programme,
      reason: withdrawal.withdrawal.reason ?? "withdrawn",
      trace: withdrawal.trace
    )
    return IntakeResult(outcome: .known(.accepted), feedback: withdrawal.target, position: position)
  }

  private func write(_ observation: PreparedObservation) throws -> IntakeResult {
    try takeOnce(observation.event.id.rawValue) {
      try transaction.appendRaw(
        to: .observations,
        type: ObservationRecorded.type,
        programme: observation.event.programme,
        key: observation.event.key,
        schemaVersion: ObservationRecorded.schemaVersion,
        trace: observation.trace,
        body: observation.body
      )
    }
  }

  private func write(_ interactions: PreparedInteractions) throws -> IntakeResult {
    try takeOnce(interactions.id.rawValue) {
      let event = interactions.event
      let statement = try transaction.database.cachedStatement(
        sql: """
          INSERT INTO interaction_count (programme, channel, day, team, source, count) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET count = excluded.count
          """
      )
      try statement.execute(arguments: [
        event.programme.rawValue, event.channel.rawValue, interactions.day.number, event.team?.rawValue ?? "",
        interactions.source, event.count,
      ])
      return try transaction.appendRaw(
        to: .observations,
        type: InteractionsCounted.type,
        programme: event.programme,
        key: event.key,
        schemaVersion: InteractionsCounted.schemaVersion,
        trace: interactions.trace,
        body: interactions.body
      )
    }
  }

  private func takeOnce(_ id: String, _ append: () throws -> UInt64) throws -> IntakeResult {
    let known = try transaction.database.cachedStatement(sql: "SELECT position FROM taken_event WHERE id = ?")
    if let position = try Int64.fetchOne(known, arguments: [id]) {
      return IntakeResult(outcome: .known(.duplicate), position: UInt64(clamping: position))
    }
    let position = try append()
    try transaction.database.cachedStatement(sql: "INSERT INTO taken_event (id, position) VALUES (?, ?)")
      .execute(arguments: [id, Int64(clamping: position)])
    return IntakeResult(outcome: .known(.accepted), position: position)
  }
}

/// A batch of which nothing was taken, because of these of its events.
package struct RefusedBatch: Error, Sendable {
  package struct Entry: Sendable {
    package var index: Int
    package var refusal: Refusal
  }

  /// At least one.
  package var refusals: [Entry]
}
