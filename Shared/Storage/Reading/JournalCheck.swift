import Contracts
package import GRDB
package import Records

/// A walk along a journal that is checked frame by frame, a page at a time.
package struct JournalCheck: Sendable {
  /// What is known of the history behind the walk, and so of what has to follow.
  private enum Footing: Sendable {
    /// All of it, from the first record on: the numbering of every partition is known.
    case complete(Records.Cursor)
    /// That everything up to here was trimmed.
    case trimmed(UInt64)
    /// The last frame.
    case last(FrameHeader)
    /// Nothing: the walk is just behind damage.
    case none
  }

  private let head: HeadVector
  private var footing: Footing
  private var position: UInt64
  package private(set) var problems: [String] = []
  package private(set) var framesChecked = 0
  package private(set) var recordsChecked = 0
  package private(set) var isDone = false

  private static let framesPerPage = 64

  /// - Parameter head: where the check ends; what is appended later is left to the next one.
  package init(of head: HeadVector) {
    self.head = head
    footing = .complete(Records.Cursor(startOf: head.identity))
    position = 0
  }

  /// Checks some more frames. Each page may be read in a transaction of its own, and the journal may be trimmed in
  /// between: so how far it is trimmed is read in the same transaction as the frames.
  package mutating func readPage(in database: Database) throws {
    var count = 0
    var walk = self
    try walk.passTrimmed(in: database)
    let position = walk.position
    try JournalReader.storedFrames(of: head.identity.stream, after: position, in: database) { last, bytes in
      guard last <= walk.head.position else { return false }
      walk.check(bytes, endingAt: last)
      count += 1
      return count < JournalCheck.framesPerPage
    }
    if count < JournalCheck.framesPerPage { walk.finish() }
    self = walk
  }

  private mutating func passTrimmed(in database: Database) throws {
    let trimmed = try Trim.position(of: head.identity.stream, in: database)
    guard trimmed > position else { return }
    let end =
      try Records.Cursor.fetchHeads(database).first { $0.identity.stream == head.identity.stream }?.position ?? 0
    if trimmed >= end { report("the journal is said to be trimmed up to \(trimmed), and its head is at \(end)") }
    position = trimmed
    footing = .trimmed(trimmed)
  }

  private mutating func check(_ bytes: [UInt8], endingAt last: UInt64) {
    framesChecked += 1
    do {
      let frame = try JournalReader.checked(bytes, of: head.identity.stream, endingAt: last)
      recordsChecked += frame.header.recordCount
      footing = try footing(after: frame)
    } catch {
      report("\(error)")
      // Go on behind the damage: what follows may be sound.
      footing = .none
    }
    position = last
  }

  private func footing(after frame: RecordFrame) throws(FrameError) -> Footing {
    switch footing {
    case .complete(var cursor):
      try cursor.advance(past: frame)
      return .complete(cursor)
    case .last(let before):
      guard frame.header.firstPosition == before.lastPosition + 1, frame.header.previousChain == before.chain else {
        throw .discontinuous(at: frame.header.firstPosition)
      }
      return .last(frame.header)
    case .trimmed(let position):
      guard frame.header.firstPosition == position + 1 else {
        throw .discontinuous(at: frame.header.firstPosition)
      }
      return .last(frame.header)
    case .none:
      return .last(frame.header)
    }
  }

  private mutating func finish() {
    isDone = true
    let fits: Bool =
      switch footing {
      case .complete(let cursor):
        cursor.position == head.position && cursor.chain == head.chain && cursor.sequences == head.sequences
      case .last(let header): header.lastPosition == head.position && header.chain == head.chain
      // Trimming may go on past where the check ends.
      case .trimmed: position >= head.position
      case .none: position == head.position
      }
    if !fits { report("the journal ends at \(position), not as its head says at \(head.position)") }
  }

  private mutating func report(_ problem: String) {
    problems.append("\(head.identity.stream): \(problem)")
    if problems.count >= IntegrityReport.mostProblems { isDone = true }
  }
}
