import Contracts
import Foundation
import GRDB

/// Partnerships, safe harbours and the joint ledger with its running sums.
struct LedgerRows {
  let database: Database
  /// The most entries that one answer holds; balances cover all there are.
  static let mostEntries = 500

  func save(_ partnership: Partnership) throws {
    try database.execute(
      sql: "INSERT INTO partnership (programme, id, riskUsed, body) VALUES (?, ?, '0', ?)",
      arguments: [partnership.programme.rawValue, partnership.id.rawValue, try partnership.stored()]
    )
  }

  func partnership(_ id: ID<Partnership>, in programme: ID<Programme>) throws -> Partnership? {
    try database.value(
      Partnership.self,
      sql: "SELECT body FROM partnership WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  func partnerships(in programme: ID<Programme>) throws -> [Partnership] {
    try database.values(
      Partnership.self,
      sql: "SELECT body FROM partnership WHERE programme = ? ORDER BY id",
      [programme.rawValue]
    )
  }

  /// The risk budget less the losses that were shared.
  func riskLeft(of partnership: Partnership) throws -> Money {
    let used = try String.fetchOne(
      database,
      sql: "SELECT riskUsed FROM partnership WHERE programme = ? AND id = ?",
      arguments: [partnership.programme.rawValue, partnership.id.rawValue]
    )
    let left = partnership.riskBudget.amount - (try Decimal(stored: used ?? "0"))
    return Money(amount: left, currency: partnership.riskBudget.currency)
  }

  func save(_ safeHarbour: SafeHarbour) throws {
    try database.execute(
      sql: "INSERT INTO safeHarbour (programme, id, untilTime, body) VALUES (?, ?, ?, ?)",
      arguments: [
        safeHarbour.programme.rawValue, safeHarbour.id.rawValue, safeHarbour.until.milliseconds,
        try safeHarbour.stored(),
      ]
    )
  }

  func safeHarbours(in programme: ID<Programme>) throws -> [SafeHarbour] {
    try database.values(
      SafeHarbour.self,
      sql: "SELECT body FROM safeHarbour WHERE programme = ? ORDER BY id DESC LIMIT ?",
      [programme.rawValue, Self.mostEntries]
    )
  }

  /// Writes an entry, its postings into the balances, and a loss against the risk budget.
  func post(_ entry: LedgerEntry, loss: Decimal) throws {
    try database.execute(
      sql: "INSERT INTO ledgerEntry (programme, time, id, body) VALUES (?, ?, ?, ?)",
      arguments: [entry.programme.rawValue, entry.at.milliseconds, entry.id.rawValue, try entry.stored()]
    )
    for posting in entry.postings {
      let account = [entry.programme.rawValue, posting.account, posting.amount.currency]
      let before = try String.fetchOne(
        database,
        sql: "SELECT amount FROM balance WHERE programme = ? AND account = ? AND currency = ?",
        arguments: StatementArguments(account)
      )
      let after = try Decimal(stored: before ?? "0") + posting.amount.amount
      try database.execute(
        sql: "INSERT OR REPLACE INTO balance (programme, account, currency, amount) VALUES (?, ?, ?, ?)",
        arguments: StatementArguments(account + [after.stored])
      )
    }
    guard loss > 0 else { return }
    let key = [entry.programme.rawValue, entry.partnership.rawValue]
    let used = try String.fetchOne(
      database,
      sql: "SELECT riskUsed FROM partnership WHERE programme = ? AND id = ?",
      arguments: StatementArguments(key)
    )
    try database.execute(
      sql: "UPDATE partnership SET riskUsed = ? WHERE programme = ? AND id = ?",
      arguments: StatementArguments([(try Decimal(stored: used ?? "0") + loss).stored] + key)
    )
  }

  func ledger(of programme: ID<Programme>) throws -> JointLedger {
    let partnerships = try partnerships(in: programme)
    let entries = try database.values(
      LedgerEntry.self,
      sql: "SELECT body FROM ledgerEntry WHERE programme = ? ORDER BY time DESC, id DESC LIMIT ?",
      [programme.rawValue, Self.mostEntries]
    )
    let balances = try Row.fetchAll(
      database,
      sql: "SELECT account, currency, amount FROM balance WHERE programme = ? ORDER BY account, currency",
      arguments: [programme.rawValue]
    ).map { row in
      Posting(
        account: row["account"],
        amount: Money(amount: try Decimal(stored: row["amount"]), currency: row["currency"])
      )
    }
    var left: [String: Money] = [:]
    for partnership in partnerships { left[partnership.id.rawValue] = try riskLeft(of: partnership) }
    return JointLedger(
      partnerships: partnerships,
      safeHarbours: try safeHarbours(in: programme),
      entries: entries,
      balances: balances,
      riskBudgetLeft: left
    )
  }
}
