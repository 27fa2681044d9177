/// What every service answers to operators: how it is doing, what it could not apply, and a copy of its store.
public enum OperationsAPI {
  static let service = "operations.v1"

  public static let status = Query<StatusRequest, ServiceStatus>(service, "Status")
  public static let deadLetters = Query<DeadLettersRequest, DeadLetterPage>(service, "DeadLetters")
  /// Applies the record again; whether that worked stands in the answer.
  public static let retryDeadLetter = Command<RetryDeadLetter, DeadLetterOutcome>(service, "RetryDeadLetter")
  /// Gives the record up for good.
  public static let discardDeadLetter = Command<DiscardDeadLetter, DeadLetterOutcome>(service, "DiscardDeadLetter")
  /// Copies the store while it is in use. A repeat finds the file there and fails with `backupExists`.
  public static let backUp = Command<BackUp, BackUpReceipt>(service, "BackUp")
  /// Removes a copy that `backUp` has made on the service's host, and that nobody wants.
  public static let discardBackUp = Command<DiscardBackUp, DiscardReceipt>(service, "DiscardBackUp")
  /// Keeps nothing any more for a follower of the service's streams that is gone for good.
  public static let forgetFollower = Command<ForgetFollower, FollowerForgotten>(service, "ForgetFollower")
  /// Checks the whole store while it is in use. One that fails takes no more writes, and its journals can't be read,
  /// until it is replaced by a sound one.
  public static let checkIntegrity = Command<CheckIntegrity, IntegrityFindings>(service, "CheckIntegrity")

  // The steps of a move; see PartitionCare.swift.

  /// The old owner fences partitions, and packs their rows.
  public static let releasePartitions = Command<ReleasePartitions, ReleaseReceipt>(service, "ReleasePartitions")
  /// The old owner hands out what it has packed.
  public static let parcel = Query<ParcelRequest, ParcelPage>(service, "Parcel")
  /// The new owner puts it by.
  public static let deliverParcel = Command<DeliverParcel, ParcelReceipt>(service, "DeliverParcel")
  /// The new owner owns the partition from this transaction on.
  public static let adoptPartition = Command<PartitionStep, PartitionOwnership>(service, "AdoptPartition")
  /// The old owner drops the parcel and remembers where the partition went.
  public static let completeMove = Command<PartitionStep, PartitionOwnership>(service, "CompleteMove")
  /// The one that was to own the partition never will, under this epoch.
  public static let rejectParcel = Command<PartitionStep, PartitionOwnership>(service, "RejectParcel")
  /// The old owner unpacks the parcel and owns the partition again, under a higher epoch.
  public static let reclaimPartition = Command<PartitionStep, PartitionOwnership>(service, "ReclaimPartition")
}

public struct StatusRequest: Codable, Hashable, Sendable {
  public init() {}
}

public struct ServiceStatus: Codable, Hashable, Sendable {
  public var service: String
  public var version: String
  public var instance: UInt16
  /// The process that answers, on its own host: tells one instance's answer from another's at the same address.
  public var processID: Int32?
  public var startedAt: Timestamp
  public var now: Timestamp
  /// False once a stop has begun.
  public var isAccepting: Bool
  /// The service's own journals.
  public var heads: [StreamHead]
  public var upstreams: [UpstreamStatus]
  public var deadLetters: Int
  /// Changes that wait for the store's writer.
  public var queueDepth: Int
  /// Why the store takes no writes, where it doesn't: full, failed, or no authority any more.
  public var problem: String?
  /// Which partitions this instance owns or has owned; missing where its service isn't divided by partitions.
  public var ownership: [PartitionOwnership]?
  /// Who follows its streams, as they said themselves.
  public var followers: [FollowerStatus]?

  public init(
    service: String,
    version: String,
    instance: UInt16,
    processID: Int32? = nil,
    startedAt: Timestamp,
    now: Timestamp,
    isAccepting: Bool,
    heads: [StreamHead],
    upstreams: [UpstreamStatus],
    deadLetters: Int,
    queueDepth: Int,
    problem: String? = nil,
    ownership: [PartitionOwnership]? = nil,
    followers: [FollowerStatus]? = nil
  ) {
    self.service = service
    self.version = version
    self.instance = instance
    self.processID = processID
    self.startedAt = startedAt
    self.now = now
    self.isAccepting = isAccepting
    self.heads = heads
    self.upstreams = upstreams
    self.deadLetters = deadLetters
    self.queueDepth = queueDepth
    self.problem = problem
    self.ownership = ownership
    self.followers = followers
  }
}

/// The end of a journal.
public struct StreamHead: Codable, Hashable, Sendable {
  public var stream: StreamName
  /// As text: JSON numbers lose digits beyond 2^53 in other people's parsers.
  public var epoch: String
  public var position: UInt64
  /// Hash of everything up to `position`, 64 hexadecimal digits.
  public var chain: String
  /// Which instance of the stream's service wrote it; 0 where it isn't given.
  public var instance: UInt16?

  public init(stream: StreamName, epoch: String, position: UInt64, chain: String, instance: UInt16? = nil) {
    self.stream = stream
    self.epoch = epoch
    self.position = position
    self.chain = chain
    self.instance = instance
  }
}

/// How a service keeps up with a stream that it follows.
public struct UpstreamStatus: Codable, Hashable, Sendable {
  public var stream: StreamName
  public var instance: UInt16
  public var state: Open<State>
  /// Everything up to here is applied, on disk; nil before the first contact.
  public var position: UInt64?
  /// The newest position that was heard of.
  public var head: UInt64?
  /// Why it isn't following, where it isn't.
  public var problem: String?

  public init(
    stream: StreamName,
    instance: UInt16,
    state: Open<State>,
    position: UInt64? = nil,
    head: UInt64? = nil,
    problem: String? = nil
  ) {
    self.stream = stream
    self.instance = instance
    self.state = state
    self.position = position
    self.head = head
    self.problem = problem
  }

  /// How many records are known to exist and not yet applied; nil where nothing has been heard.
  public var lag: UInt64? {
    guard let head else { return nil }
    let position = position ?? 0
    return head > position ? head - position : 0
  }

  public enum State: String, Codable, Sendable, CaseIterable {
    /// No contact yet, or none any more.
    case waiting
    /// Reading from the journal what it has missed.
    case pulling
    /// Every record arrives as it is published.
    case live
    /// It can't go on without an operator.
    case failed
  }
}

public struct DeadLettersRequest: Codable, Hashable, Sendable {
  /// All streams where it isn't given.
  public var stream: StreamName?
  /// Only those with a higher id; for the next page.
  public var after: Int64?
  /// At most this many, 1 to 500; 50 where it isn't given.
  public var limit: Int?

  public init(stream: StreamName? = nil, after: Int64? = nil, limit: Int? = nil) {
    self.stream = stream
    self.after = after
    self.limit = limit
  }
}

public struct DeadLetterPage: Codable, Hashable, Sendable {
  /// Oldest first.
  public var deadLetters: [DeadLetterNotice]

  public init(deadLetters: [DeadLetterNotice]) {
    self.deadLetters = deadLetters
  }
}

/// A record that could not be applied, and why.
public struct DeadLetterNotice: Codable, Hashable, Sendable {
  public var id: Int64
  public var stream: StreamName
  public var position: UInt64
  public var type: EventType
  public var programme: ID<Programme>
  public var key: String
  public var reason: String
  public var message: String
  /// When it was set aside.
  public var at: Timestamp
  /// How often it has been tried.
  public var attempts: Int

  public init(
    id: Int64,
    stream: StreamName,
    position: UInt64,
    type: EventType,
    programme: ID<Programme>,
    key: String,
    reason: String,
    message: String,
    at: Timestamp,
    attempts: Int
  ) {
    self.id = id
    self.stream = stream
    self.position = position
    self.type = type
    self.programme = programme
    self.key = key
    self.reason = reason
    self.message = message
    self.at = at
    self.attempts = attempts
  }
}

public struct RetryDeadLetter: Codable, Hashable, Sendable {
  public var id: Int64

  public init(id: Int64) {
    self.id = id
  }
}

public struct DiscardDeadLetter: Codable, Hashable, Sendable {
  public var id: Int64

  public init(id: Int64) {
    self.id = id
  }
}

public struct DeadLetterOutcome: Codable, Hashable, Sendable {
  /// False where it failed again and stays set aside.
  public var isSettled: Bool
  /// Why it failed again.
  public var fault: Fault?

  public init(isSettled: Bool, fault: Fault? = nil) {
    self.isSettled = isSettled
    self.fault = fault
  }
}
