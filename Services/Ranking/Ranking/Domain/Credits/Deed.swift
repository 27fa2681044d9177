package import Contracts

/// Something that earns credit, with what it is worth and to whom, as things stand now.
///
/// Credit is settled, not added: whenever the facts change, each deed is worked out anew and the ledger gets the
/// difference to what was given before. So a merge moves credit, undoing it moves it back, and a repeat does nothing.
package struct Deed: Hashable, Sendable {
  /// Names it for ever, e.g. `suggestion/idea-1`.
  package let key: String
  package let reason: CreditReason
  /// Empty where nothing is due: then everything that was given is taken back.
  package let shares: [Share]
  package var idea: ID<Idea>?
  package var experiment: ID<Experiment>?
  /// What it is for, in a few words.
  package let note: String

  package struct Share: Hashable, Sendable {
    package let to: Beneficiary
    package let amount: Double

    package init(to: Beneficiary, amount: Double) {
      self.to = to
      self.amount = amount
    }
  }

  package init(
    key: String,
    reason: CreditReason,
    shares: [Share],
    idea: ID<Idea>? = nil,
    experiment: ID<Experiment>? = nil,
    note: String
  ) {
    self.key = key
    self.reason = reason
    self.shares = shares.filter { $0.amount > 0 }
    self.idea = idea
    self.experiment = experiment
    self.note = note
  }
}

/// Who is credited: always a team, and the person where there is one.
package struct Beneficiary: Hashable, Comparable, Sendable {
  package let team: ID<Team>
  package let employee: ID<Employee>?

  package init(team: ID<Team>, employee: ID<Employee>? = nil) {
    self.team = team
    self.employee = employee
  }

  package static func < (one: Self, other: Self) -> Bool {
    one.team == other.team
      ? (one.employee?.rawValue ?? "") < (other.employee?.rawValue ?? "") : one.team < other.team
  }
}

/// The ledger's side of a deed.
package enum Settlement {
  /// The entries that bring the ledger to what is due: awards, and clawbacks where more was given.
  /// - Parameters:
  ///   - given: net amounts so far, by beneficiary.
  ///   - cause: the event that changed the facts; the entries' ids follow from it, so that a replay writes the same.
  package static func entries(
    for deed: Deed,
    given: [Beneficiary: Double],
    programme: ID<Programme>,
    cause: String,
    at time: Timestamp
  ) -> [Credit] {
    var due: [Beneficiary: Double] = [:]
    for share in deed.shares { due[share.to, default: 0] += share.amount }
    return Set(due.keys).union(given.keys).sorted().compactMap { beneficiary in
      let difference = due[beneficiary, default: 0] - given[beneficiary, default: 0]
      guard abs(difference) > smallest else { return nil }
      let isClawback = difference < 0
      return Credit(
        id: ID("credit-\(deed.key)/\(beneficiary.team)/\(beneficiary.employee?.rawValue ?? "")/\(cause)".shortened),
        programme: programme,
        team: beneficiary.team,
        employee: beneficiary.employee,
        reason: .known(isClawback ? .clawback : deed.reason),
        amount: difference,
        idea: deed.idea,
        experiment: deed.experiment,
        cause: cause,
        at: time,
        note: isClawback ? "Taken back: \(deed.note)." : "\(deed.note)."
      )
    }
  }

  /// Differences below this are rounding.
  private static let smallest = 1e-9
}

extension String {
  /// Itself where it can be an identifier, else a name made of it: FNV-1a, 64 bits, behind its beginning.
  fileprivate var shortened: String {
    guard utf8.count > ID<Credit>.longestLength else { return self }
    let hash = utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    return String(prefix(32)) + "-" + String(hash, radix: 16)
  }
}
