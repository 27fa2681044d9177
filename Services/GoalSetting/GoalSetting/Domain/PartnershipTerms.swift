package import Contracts
import Foundation

/// How partners agree, and how a gain or a loss is shared out between them.
package enum PartnershipTerms {
  /// The other side of every posting to a party.
  package static let jointAccount = "joint"

  /// The partnership that a request describes.
  package static func partnership(
    from request: AgreePartnership,
    id: ID<Partnership>,
    at now: Timestamp
  ) throws(Fault) -> Partnership {
    try check(request.parties)
    guard request.riskBudget.amount >= 0, request.riskBudget.isWholeMinorUnits else {
      throw Fault(
        .invalidArgument,
        reason: "riskBudgetOutOfRange",
        "The risk budget is not negative and has at most \(request.riskBudget.minorUnitDigits) decimals.",
        field: "riskBudget"
      )
    }
    return Partnership(
      id: id,
      programme: request.programme,
      parties: request.parties,
      riskBudget: request.riskBudget,
      governanceDates: (request.governanceDates ?? []).sorted(),
      agreedAt: now
    )
  }

  private static func check(_ parties: [Party]) throws(Fault) {
    let names = parties.map(\.name.trimmed)
    guard (2...50).contains(parties.count), Set(names).count == names.count, !names.contains(""),
      !names.contains(jointAccount)
    else {
      throw Fault(
        .invalidArgument,
        reason: "partiesInvalid",
        "A partnership has 2 to 50 parties with names of their own; \"\(jointAccount)\" is the account they share.",
        field: "parties"
      )
    }
    guard parties.allSatisfy({ (0...100).contains($0.riskPercent) && (0...100).contains($0.gainPercent) }),
      parties.map(\.riskPercent).reduce(0, +) == 100, parties.map(\.gainPercent).reduce(0, +) == 100
    else {
      throw Fault(
        .invalidArgument,
        reason: "percentNotHundred",
        "The parties' riskPercent have to sum to 100, and so have their gainPercent; each lies between 0 and 100.",
        field: "parties"
      )
    }
  }

  /// Shares an amount out by the split: a gain by gainPercent, a loss by riskPercent.
  /// - Parameter riskLeft: what is left of the risk budget; a larger loss is not shared.
  package static func entry(
    from request: PostLedger,
    in partnership: Partnership,
    riskLeft: Money,
    id: ID<LedgerEntry>,
    at now: Timestamp
  ) throws(Fault) -> LedgerEntry {
    let amount = request.amount
    guard amount.currency == partnership.riskBudget.currency else {
      throw Fault(
        .invalidArgument,
        reason: "currencyMismatch",
        "The partnership keeps its ledger in \(partnership.riskBudget.currency), not in \(amount.currency).",
        field: "amount.currency"
      )
    }
    guard amount.amount != 0, amount.isWholeMinorUnits, abs(amount.amount) < 1_000_000_000_000_000 else {
      throw Fault(
        .invalidArgument,
        reason: "amountOutOfRange",
        "An amount is not 0 and has at most \(amount.minorUnitDigits) decimals in \(amount.currency).",
        field: "amount.amount"
      )
    }
    guard amount.amount > 0 || -amount.amount <= riskLeft.amount else {
      throw Fault(
        .failedPrecondition,
        reason: "riskBudgetExceeded",
        """
        Of the risk budget \(riskLeft.amount) \(riskLeft.currency) are left, so a loss of \(-amount.amount) can't be \
        shared by the split: post what is left, and agree on the rest.
        """,
        field: "amount.amount"
      )
    }
    guard !request.text.trimmed.isEmpty, request.text.utf8.count <= 1000 else {
      throw Fault(
        .invalidArgument,
        reason: "textMissing",
        "Say in 1 to 1,000 bytes what the amount is for.",
        field: "text"
      )
    }
    return LedgerEntry(
      id: id,
      programme: request.programme,
      partnership: partnership.id,
      at: now,
      text: request.text.trimmed,
      experiment: request.experiment,
      postings: postings(sharing: amount, between: partnership.parties)
    )
  }

  /// The postings of an amount: each party's share, and the joint account's counter-entry, so that they sum to zero.
  ///
  /// Shares are rounded towards zero to minor units; what remains goes to the largest share, and among equal ones to
  /// the party that was named first.
  package static func postings(sharing amount: Money, between parties: [Party]) -> [Posting] {
    let percents = parties.map { amount.amount > 0 ? $0.gainPercent : $0.riskPercent }
    var shares = percents.map { percent in
      let exact = Money(amount: amount.amount * Decimal(percent) / 100, currency: amount.currency)
      return exact.roundedToMinorUnits(amount.amount > 0 ? .down : .up).amount
    }
    let remainder = amount.amount - shares.reduce(0, +)
    if let largest = percents.max(), let index = percents.firstIndex(of: largest) { shares[index] += remainder }
    return zip(parties, shares).map { party, share in
      Posting(account: party.name, amount: Money(amount: share, currency: amount.currency))
    } + [Posting(account: jointAccount, amount: Money(amount: -amount.amount, currency: amount.currency))]
  }

  /// The safe harbour that a request describes.
  package static func safeHarbour(from request: OpenSafeHarbour, id: ID<SafeHarbour>) throws(Fault) -> SafeHarbour {
    guard request.from < request.until else {
      throw Fault(
        .invalidArgument,
        reason: "windowOutOfRange",
        "The safe harbour has to end after it begins.",
        field: "until"
      )
    }
    let metrics = request.waivedMetrics.map(\.trimmed)
    guard !metrics.isEmpty, metrics.count <= 50, !metrics.contains("") else {
      throw Fault(
        .invalidArgument,
        reason: "waivedMetricsMissing",
        "Name 1 to 50 metrics whose penalties are waived inside the safe harbour.",
        field: "waivedMetrics"
      )
    }
    guard !request.cohort.trimmed.isEmpty else {
      throw Fault(
        .invalidArgument,
        reason: "cohortMissing",
        "Say which customers, contacts or teams it covers.",
        field: "cohort"
      )
    }
    return SafeHarbour(
      id: id,
      programme: request.programme,
      experiment: request.experiment,
      cohort: request.cohort.trimmed,
      from: request.from,
      until: request.until,
      waivedMetrics: metrics
    )
  }
}
