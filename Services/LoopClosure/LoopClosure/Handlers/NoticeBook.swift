package import Contracts
package import GRDB
package import Storage

/// Tells people what came of what concerns them, unless they don't want to know or did it themselves.
package struct NoticeBook: Sendable {
  package init() {}

  /// Writes a notice and logs how it was delivered. The same recipient is told once, however often named.
  func tell(
    _ recipients: [String],
    about subject: String,
    _ text: String,
    actor: Principal,
    in programme: ID<Programme>,
    _ transaction: Transaction
  ) throws {
    let rows = TellingRows(database: transaction.database)
    var told: Set<String> = []
    for recipient in recipients where told.insert(recipient).inserted {
      let hasOptedOut = try rows.hasOptedOut(recipient, in: programme)
      let notice = NoticeDelivered(
        programme: programme,
        subject: subject,
        recipient: recipient,
        text: text,
        delivery: .known(NoticeRules.delivery(to: recipient, actor: actor, hasOptedOut: hasOptedOut)),
        at: transaction.now
      )
      try rows.save(notice)
      try transaction.append(notice)
    }
  }

  /// What timers do, nobody does.
  static let clockwork = Principal(role: .program, name: "groundswell")

  package func notices(_ request: NoticesRequest, _ database: Database) throws -> NoticeList {
    _ = try DirectoryRows(database: database).require(request.programme)
    return NoticeList(
      notices: try TellingRows(database: database).notices(for: request.recipient, in: request.programme)
    )
  }

  package func setNotices(_ request: SetNotices, _ transaction: Transaction) throws -> NoticePreference {
    _ = try DirectoryRows(database: transaction.database).require(request.programme)
    guard let recipient = request.recipient.nonBlank else {
      throw Fault(.invalidArgument, reason: "recipientMissing", "say whose notices are meant", field: "recipient")
    }
    try TellingRows(database: transaction.database)
      .setOptedOut(!request.wantsNotices, recipient, in: request.programme)
    return NoticePreference(recipient: recipient, wantsNotices: request.wantsNotices)
  }
}
