/// Reads a service's journals from any place: how subscribers begin, catch up and mend gaps.
public enum JournalAPI {
  static let service = "journal.v1"

  /// The frames after a place, each message one frame's bytes as they were published, no JSON. When all that the journal
  /// holds has been sent, a heartbeat frame says which head was reached; then the feed ends, or follows on.
  ///
  /// Fails with FAILED_PRECONDITION where the place is not part of this history, OUT_OF_RANGE where the records after
  /// it have been trimmed, PERMISSION_DENIED for a stream that the caller may not read.
  public static let read = Feed<JournalReadRequest, [UInt8]>(service, "Read")

  /// The publisher's state as events of the stream, for followers that come after the journal's beginning was trimmed:
  /// each message one frame's bytes, of kind snapshot, numbered and chained by themselves. Then a heartbeat frame says at
  /// which place of the journal the state was that; a follower goes on from there with `read`.
  ///
  /// Fails with UNIMPLEMENTED where no snapshot is made of the stream, PERMISSION_DENIED for a stream that the caller may
  /// not read, RESOURCE_EXHAUSTED while too many are read.
  public static let snapshot = Feed<JournalSnapshotRequest, [UInt8]>(service, "Snapshot")

  /// How far each stream has got that the caller may read.
  public static let heads = Query<JournalHeadsRequest, JournalHeads>(service, "Heads")

  /// Tells the publisher up to where a follower has applied a stream, on disk, so that what it still needs isn't
  /// trimmed. Said again from time to time; the latest word counts.
  ///
  /// Fails with FAILED_PRECONDITION for a place that is not part of this history, PERMISSION_DENIED for a stream that the
  /// caller may not read.
  public static let reportCursor = Command<CursorReport, CursorReceipt>(service, "ReportCursor")
}

/// Where to begin reading, and when to stop. 64-bit numbers are text, as JSON numbers lose digits in many parsers.
public struct JournalReadRequest: Codable, Hashable, Sendable {
  public var stream: StreamName
  /// Which instance of the service; 0 unless it runs as several.
  public var instance: UInt16
  /// The epoch that the reader is in, where it has no chain hash; decimal.
  public var epoch: String?
  /// The last position that the reader has, decimal; "0" for all there is. The first frame may begin before it.
  public var after: String
  /// The chain hash of the frame that ends at `after`, 64 hexadecimal digits; without it nothing proves that the
  /// reader's records and these are one history.
  public var chain: String?
  /// Whether to go on with what is appended later.
  public var follow: Bool
  /// Ends after the frame that makes it at least so many records.
  public var maximumRecords: Int?

  public init(
    stream: StreamName,
    instance: UInt16 = 0,
    epoch: String? = nil,
    after: String = "0",
    chain: String? = nil,
    follow: Bool = false,
    maximumRecords: Int? = nil
  ) {
    self.stream = stream
    self.instance = instance
    self.epoch = epoch
    self.after = after
    self.chain = chain
    self.follow = follow
    self.maximumRecords = maximumRecords
  }

  /// Everything but the stream may be left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    stream = try container.decode(StreamName.self, forKey: .stream)
    instance = try container.decodeIfPresent(UInt16.self, forKey: .instance) ?? 0
    epoch = try container.decodeIfPresent(String.self, forKey: .epoch)
    after = try container.decodeIfPresent(String.self, forKey: .after) ?? "0"
    chain = try container.decodeIfPresent(String.self, forKey: .chain)
    follow = try container.decodeIfPresent(Bool.self, forKey: .follow) ?? false
    maximumRecords = try container.decodeIfPresent(Int.self, forKey: .maximumRecords)
  }
}

public struct JournalSnapshotRequest: Codable, Hashable, Sendable {
  public var stream: StreamName
  /// Which instance of the service; 0 unless it runs as several.
  public var instance: UInt16

  public init(stream: StreamName, instance: UInt16 = 0) {
    self.stream = stream
    self.instance = instance
  }

  /// Everything but the stream may be left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    stream = try container.decode(StreamName.self, forKey: .stream)
    instance = try container.decodeIfPresent(UInt16.self, forKey: .instance) ?? 0
  }
}

public struct CursorReport: Codable, Hashable, Sendable {
  public var stream: StreamName
  /// Which instance of the publisher.
  public var instance: UInt16
  /// Which instance of the follower; its name is the caller's.
  public var followerInstance: UInt16
  /// The last position that is applied and on disk, decimal.
  public var position: String
  /// The chain hash there, 64 hexadecimal digits; without it nothing proves that what was applied is this history.
  public var chain: String?

  public init(
    stream: StreamName,
    instance: UInt16,
    followerInstance: UInt16,
    position: String,
    chain: String? = nil
  ) {
    self.stream = stream
    self.instance = instance
    self.followerInstance = followerInstance
    self.position = position
    self.chain = chain
  }
}

public struct CursorReceipt: Codable, Hashable, Sendable {
  /// The last position that has been trimmed, decimal; "0" where the journal is whole.
  public var trimmed: String

  public init(trimmed: String) {
    self.trimmed = trimmed
  }
}

public struct JournalHeadsRequest: Codable, Hashable, Sendable {
  public init() {}
}

public struct JournalHeads: Codable, Hashable, Sendable {
  public var heads: [JournalHead]

  public init(heads: [JournalHead]) {
    self.heads = heads
  }
}

/// How far a stream has got.
public struct JournalHead: Codable, Hashable, Sendable {
  public var stream: StreamName
  public var instance: UInt16
  /// Decimal.
  public var epoch: String
  /// Of the last record, decimal; "0" before the first.
  public var position: String
  /// The chain hash there, 64 hexadecimal digits.
  public var chain: String
  /// The last sequence in each partition that has records; both decimal.
  public var sequences: [String: String]

  public init(
    stream: StreamName,
    instance: UInt16,
    epoch: String,
    position: String,
    chain: String,
    sequences: [String: String]
  ) {
    self.stream = stream
    self.instance = instance
    self.epoch = epoch
    self.position = position
    self.chain = chain
    self.sequences = sequences
  }
}
