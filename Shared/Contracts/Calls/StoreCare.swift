// What operators ask of a store: a copy of it, whether it is sound, and for whom nothing has to be kept.

public struct BackUp: Codable, Hashable, Sendable {
  /// A file's name, without directories; it is made under `backups` in the service's data directory.
  public var name: String

  public init(name: String) {
    self.name = name
  }
}

public struct BackUpReceipt: Codable, Hashable, Sendable {
  /// On the service's own host.
  public var path: String
  public var byteCount: Int64
  /// Where the copy's journals end.
  public var heads: [StreamHead]?
  /// How far the copy's service had read others' streams. Copies of several services belong together where no cursor
  /// lies behind the end of the copy of the journal that it reads.
  public var cursors: [StreamHead]?

  public init(path: String, byteCount: Int64, heads: [StreamHead]? = nil, cursors: [StreamHead]? = nil) {
    self.path = path
    self.byteCount = byteCount
    self.heads = heads
    self.cursors = cursors
  }
}

public struct DiscardBackUp: Codable, Hashable, Sendable {
  /// As `BackUp` named it.
  public var name: String

  public init(name: String) {
    self.name = name
  }
}

public struct DiscardReceipt: Codable, Hashable, Sendable {
  /// False where there was no such copy.
  public var isDiscarded: Bool

  public init(isDiscarded: Bool) {
    self.isDiscarded = isDiscarded
  }
}

public struct ForgetFollower: Codable, Hashable, Sendable {
  /// Service and instance, e.g. `ranking/1`.
  public var follower: String

  public init(follower: String) {
    self.follower = follower
  }
}

public struct FollowerForgotten: Codable, Hashable, Sendable {
  /// The streams that it followed; empty where nobody of that name has reported.
  public var streams: [StreamName]

  public init(streams: [StreamName]) {
    self.streams = streams
  }
}

public struct CheckIntegrity: Codable, Hashable, Sendable {
  public init() {}
}

public struct IntegrityFindings: Codable, Hashable, Sendable {
  /// In sentences; empty where the store is sound.
  public var problems: [String]
  public var framesChecked: Int
  public var recordsChecked: Int

  public init(problems: [String], framesChecked: Int, recordsChecked: Int) {
    self.problems = problems
    self.framesChecked = framesChecked
    self.recordsChecked = recordsChecked
  }
}
