package import Contracts
import Foundation
package import GRDB
package import Storage

/// What partners agreed, and the ledger that both sides read.
package struct PartnershipBook: Sendable {
  let mint: IdentifierMint

  package init(mint: IdentifierMint = .random) {
    self.mint = mint
  }

  package func agree(_ request: AgreePartnership, _ transaction: Transaction) throws -> Partnership {
    try DirectoryRows(database: transaction.database).check(request.programme)
    let now = transaction.now
    let partnership = try PartnershipTerms.partnership(from: request, id: mint.next("partnership", at: now), at: now)
    try LedgerRows(database: transaction.database).save(partnership)
    try transaction.append(PartnershipAgreed(partnership: partnership))
    return partnership
  }

  package func openSafeHarbour(_ request: OpenSafeHarbour, _ transaction: Transaction) throws -> SafeHarbour {
    try DirectoryRows(database: transaction.database).check(request.programme)
    let id: ID<SafeHarbour> = mint.next("harbour", at: transaction.now)
    let safeHarbour = try PartnershipTerms.safeHarbour(from: request, id: id)
    try LedgerRows(database: transaction.database).save(safeHarbour)
    try transaction.append(SafeHarbourOpened(safeHarbour: safeHarbour))
    return safeHarbour
  }

  package func post(_ request: PostLedger, _ transaction: Transaction) throws -> LedgerEntry {
    try DirectoryRows(database: transaction.database).check(request.programme)
    let rows = LedgerRows(database: transaction.database)
    guard let partnership = try rows.partnership(request.partnership, in: request.programme) else {
      throw Fault(
        .notFound,
        reason: "unknownPartnership",
        "Programme '\(request.programme)' has no partnership '\(request.partnership)'.",
        field: "partnership"
      )
    }
    let now = transaction.now
    let entry = try PartnershipTerms.entry(
      from: request,
      in: partnership,
      riskLeft: rows.riskLeft(of: partnership),
      id: mint.next("entry", at: now),
      at: now
    )
    try rows.post(entry, loss: max(0, -request.amount.amount))
    try transaction.append(LedgerPosted(entry: entry))
    return entry
  }

  package func ledger(_ request: LedgerRequest, _ database: Database) throws -> JointLedger {
    try DirectoryRows(database: database).check(request.programme)
    return try LedgerRows(database: database).ledger(of: request.programme)
  }
}
