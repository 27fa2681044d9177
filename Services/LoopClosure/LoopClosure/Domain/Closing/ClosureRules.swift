package import Contracts

/// The three receipts that close a loop: the customer was told, the front-liner was told, the system changed.
package enum ClosureRules {
  /// Notes a receipt; the first time it is given counts.
  /// - Throws: `Fault`: `unknownReceipt`, `noteMissing`, `alreadyGiven`.
  package static func give(
    _ request: GiveReceipt,
    to closure: Closure,
    now: Timestamp
  ) throws(Fault) -> Closure {
    guard request.note.nonBlank != nil else {
      throw Fault(
        .invalidArgument,
        reason: "noteMissing",
        "say what was said, or what changed: a receipt without it proves nothing",
        field: "note"
      )
    }
    guard let receipt = request.receipt.known else {
      throw Fault(
        .invalidArgument,
        reason: "unknownReceipt",
        "'\(request.receipt.rawValue)' is no receipt; use one of "
          + Receipt.allCases.map(\.rawValue).joined(separator: ", "),
        field: "receipt"
      )
    }
    var closure = closure
    let moment: WritableKeyPath<Closure, Timestamp?> =
      switch receipt {
      case .customerTold: \.customerToldAt
      case .frontLinerTold: \.frontLinerToldAt
      case .systemChanged: \.systemChangedAt
      }
    if let given = closure[keyPath: moment] {
      throw Fault(.alreadyExists, reason: "alreadyGiven", "this receipt was given on \(given)", field: "receipt")
    }
    closure[keyPath: moment] = now
    return closure
  }

  /// When the third receipt was given; nil before.
  package static func completedAt(_ closure: Closure) -> Timestamp? {
    guard let one = closure.customerToldAt, let two = closure.frontLinerToldAt, let three = closure.systemChangedAt
    else { return nil }
    return max(one, two, three)
  }

  /// The median of `values`; nil without any.
  package static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// Whom a notice reaches.
package enum NoticeRules {
  /// Nobody is told of what they did themselves, nobody who doesn't want to be; both are logged all the same.
  package static func delivery(to recipient: String, actor: Principal, hasOptedOut: Bool) -> Delivery {
    if recipient == actor.employee?.rawValue || recipient == actor.name { return .ownAction }
    return hasOptedOut ? .optedOut : .shown
  }
}
