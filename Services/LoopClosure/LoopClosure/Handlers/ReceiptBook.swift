package import Contracts
package import Storage

/// Gives the receipts that close a loop, and tells those whom they concern.
package struct ReceiptBook: Sendable {
  let notices = NoticeBook()

  package init() {}

  /// What a receipt is about, and who has to be told.
  private struct Subject {
    var customers: [String]
    var frontLiner: ID<Employee>?
    var dueAt: Timestamp
  }

  package func give(_ request: GiveReceipt, actor: Principal, _ transaction: Transaction) throws -> Closure {
    let directory = DirectoryRows(database: transaction.database)
    _ = try directory.require(request.programme)
    try directory.require(request.frontLiner, in: request.programme, field: "frontLiner")
    let rows = OuterLoopRows(database: transaction.database)
    guard
      let closure = try rows.closure(of: request.subject, in: request.programme),
      let subject = try subject(request.subject, in: request.programme, transaction)
    else {
      throw Fault(
        .notFound,
        reason: "unknownSubject",
        "'\(request.subject)' is no case or outer-loop item that can be closed in programme '\(request.programme)'; "
          + "merged cases are closed with the one they went into",
        field: "subject"
      )
    }
    let given = try ClosureRules.give(request, to: closure, now: transaction.now)
    let recipients = try recipients(of: request, subject)
    try rows.save(given, dueAt: subject.dueAt)
    try transaction.append(ReceiptGiven(closure: given, receipt: request.receipt, by: actor.name, note: request.note))
    try notices.tell(
      recipients,
      about: request.subject,
      request.note,
      actor: actor,
      in: request.programme,
      transaction
    )
    return given
  }

  private func recipients(of request: GiveReceipt, _ subject: Subject) throws -> [String] {
    switch request.receipt.known {
    case .customerTold: return subject.customers
    case .frontLinerTold:
      guard let frontLiner = request.frontLiner ?? subject.frontLiner else {
        throw Fault(
          .invalidArgument,
          reason: "frontLinerMissing",
          "say who of the front line was told",
          field: "frontLiner"
        )
      }
      return [frontLiner.rawValue]
    default: return []
    }
  }

  private func subject(_ id: String, in programme: ID<Programme>, _ transaction: Transaction) throws -> Subject? {
    let cases = CaseRows(database: transaction.database)
    if let item = try cases.file(ID(id), in: programme)?.case {
      guard item.state != .merged else { return nil }
      return Subject(
        customers: item.customer.map { [$0.rawValue] } ?? [],
        frontLiner: item.assignee,
        dueAt: min(item.closedAt ?? item.resolveDue, item.resolveDue)
      )
    }
    guard let item = try OuterLoopRows(database: transaction.database).item(ID(id), in: programme) else { return nil }
    let customers = try item.cases.prefix(100).compactMap { try cases.file($0, in: programme)?.case.customer?.rawValue }
    return Subject(
      customers: customers,
      frontLiner: nil,
      dueAt: min(item.decision?.decidedAt ?? item.decisionDue, item.decisionDue)
    )
  }
}
