public struct GiveReceipt: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// The id of a case or an outer-loop item.
  public var subject: String
  public var receipt: Open<Receipt>
  public var note: String
  public var frontLiner: ID<Employee>?

  public init(
    programme: ID<Programme>,
    subject: String,
    receipt: Open<Receipt>,
    note: String,
    frontLiner: ID<Employee>? = nil
  ) {
    self.programme = programme
    self.subject = subject
    self.receipt = receipt
    self.note = note
    self.frontLiner = frontLiner
  }
}

public struct ClosuresRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct ClosureReport: Codable, Hashable, Sendable {
  public var closures: [Closure]
  /// All three receipts ÷ all that have closed or are due.
  public var threeReceiptRate: Double?
  public var medianDays: Double?

  public init(closures: [Closure], threeReceiptRate: Double? = nil, medianDays: Double? = nil) {
    self.closures = closures
    self.threeReceiptRate = threeReceiptRate
    self.medianDays = medianDays
  }
}

public struct NoticesRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var recipient: String

  public init(programme: ID<Programme>, recipient: String) {
    self.programme = programme
    self.recipient = recipient
  }
}

public struct NoticeList: Codable, Hashable, Sendable {
  public var notices: [NoticeDelivered]

  public init(notices: [NoticeDelivered]) {
    self.notices = notices
  }
}

/// Whether somebody wants to be told.
public struct SetNotices: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var recipient: String
  public var wantsNotices: Bool

  public init(programme: ID<Programme>, recipient: String, wantsNotices: Bool) {
    self.programme = programme
    self.recipient = recipient
    self.wantsNotices = wantsNotices
  }
}

public struct NoticePreference: Codable, Hashable, Sendable {
  public var recipient: String
  public var wantsNotices: Bool

  public init(recipient: String, wantsNotices: Bool) {
    self.recipient = recipient
    self.wantsNotices = wantsNotices
  }
}
