import Contracts
import Foundation
import GRDB

/// A piece of feedback as Ranking keeps it: the words for evidence, where it is filed, and what it counts for.
struct FiledFeedback: Sendable {
  var number: Int64 = 0
  let programme: ID<Programme>
  let id: ID<Feedback>
  let revision: Int
  /// The theme it was filed in; nil where it belongs nowhere yet.
  var home: ThemeNumber?
  /// The theme it counts in, since `home` may have been merged.
  var theme: ThemeNumber?
  var scale: Float
  var similarity: Double
  let severity: Double
  let language: String
  let text: String
  let channel: Open<Channel>
  let team: ID<Team>?
  let touchpoint: String?
  let customer: ID<Customer>?
  let occurredAt: Timestamp

  var words: [Word] { Word.words(of: text, language: language) }
  /// Days since 1970-01-01, UTC.
  var day: Int { occurredAt.day }

  var quote: Quote {
    Quote(feedback: id, text: text, channel: channel, team: team, occurredAt: occurredAt)
  }
}

extension FiledFeedback {
  /// As it arrives: not filed yet. A time that lies ahead of its arrival is a mistake of the source.
  init(_ feedback: Feedback) {
    programme = feedback.programme
    id = feedback.id
    revision = feedback.revision
    scale = 0
    similarity = 0
    severity = Severity.of(feedback)
    language = feedback.language
    text = feedback.spokenText
    channel = feedback.channel
    team = feedback.team
    touchpoint = feedback.touchpoint
    customer = feedback.customer
    occurredAt = min(feedback.occurredAt, feedback.receivedAt)
  }

  init(_ row: Row) {
    number = row["number"]
    programme = ID(row["programme"])
    id = ID(row["id"])
    revision = row["revision"]
    home = (row["home"] as Int?).map { ThemeNumber($0) }
    theme = (row["theme"] as Int?).map { ThemeNumber($0) }
    scale = row["scale"]
    similarity = row["similarity"]
    severity = row["severity"]
    language = row["language"]
    text = row["text"]
    channel = Open(rawValue: row["channel"])
    team = (row["team"] as String?).map { ID($0) }
    touchpoint = row["touchpoint"]
    customer = (row["customer"] as String?).map { ID($0) }
    occurredAt = Timestamp(milliseconds: row["occurredAt"])
  }
}

extension Feedback {
  /// What is read for themes: an adaptation says its need in its own fields.
  fileprivate var spokenText: String {
    guard let adaptation else { return text }
    let parts = [text, adaptation.standard, adaptation.didInstead, adaptation.outcome]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

extension Timestamp {
  /// Days since 1970-01-01, UTC.
  var day: Int { Int((Double(milliseconds) / 86_400_000).rounded(.down)) }

  init(day: Int) {
    self.init(milliseconds: Int64(day) * 86_400_000)
  }
}

struct FeedbackRows {
  let database: Database
  let programme: ID<Programme>

  func find(_ id: ID<Feedback>) throws -> FiledFeedback? {
    try database.row("SELECT * FROM feedback WHERE programme = ? AND id = ?", [programme.rawValue, id.rawValue])
      .map { FiledFeedback($0) }
  }

  func insert(_ item: FiledFeedback) throws {
    try database.run(
      """
      INSERT INTO feedback (programme, id, revision, theme, home, scale, similarity, severity, language, text, channel,
        team, touchpoint, customer, occurredAt)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        programme.rawValue, item.id.rawValue, item.revision, item.theme?.rawValue, item.home?.rawValue,
        Double(item.scale), item.similarity, item.severity, item.language, item.text, item.channel.rawValue,
        item.team?.rawValue, item.touchpoint, item.customer?.rawValue, item.occurredAt.milliseconds,
      ]
    )
  }

  func delete(_ id: ID<Feedback>) throws {
    try database.run("DELETE FROM feedback WHERE programme = ? AND id = ?", [programme.rawValue, id.rawValue])
  }

  func file(_ id: ID<Feedback>, in theme: ThemeNumber, scale: Float, similarity: Double) throws {
    try database.run(
      "UPDATE feedback SET theme = ?, home = ?, scale = ?, similarity = ? WHERE programme = ? AND id = ?",
      [theme.rawValue, theme.rawValue, Double(scale), similarity, programme.rawValue, id.rawValue]
    )
  }

  /// Items of a theme, newest first.
  func items(of theme: ThemeNumber, limit: Int) throws -> [FiledFeedback] {
    try database.rows(
      """
      SELECT * FROM feedback WHERE programme = ? AND theme = ? ORDER BY occurredAt DESC, number DESC LIMIT ?
      """,
      [programme.rawValue, theme.rawValue, limit]
    )
    .map { FiledFeedback($0) }
  }

  /// The newest items of a theme that were filed in any of those that were merged into it.
  func items(of theme: ThemeNumber, filedIn homes: [ThemeNumber], limit: Int) throws -> [FiledFeedback] {
    let numbers = homes.map { String($0.rawValue) }.joined(separator: ",")
    return try database.rows(
      """
      SELECT * FROM feedback WHERE programme = ? AND theme = ? AND home IN (\(numbers))
      ORDER BY occurredAt DESC, number DESC LIMIT ?
      """,
      [programme.rawValue, theme.rawValue, limit]
    )
    .map { FiledFeedback($0) }
  }

  /// The candidate's items belong to another theme now, or to none.
  func move(_ candidate: ThemeNumber, to theme: ThemeNumber?) throws {
    try database.run(
      "UPDATE feedback SET theme = ?, home = ? WHERE programme = ? AND theme = ?",
      [theme?.rawValue, theme?.rawValue, programme.rawValue, candidate.rawValue]
    )
  }

  /// What was withdrawn before it came must not be taken in when it comes.
  func markErased(_ id: ID<Feedback>) throws {
    try database.run(
      "INSERT OR IGNORE INTO erasedFeedback (programme, id) VALUES (?, ?)",
      [programme.rawValue, id.rawValue]
    )
  }

  func isErased(_ id: ID<Feedback>) throws -> Bool {
    try database.integer(
      "SELECT 1 FROM erasedFeedback WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    ) != nil
  }

  /// Counts items of a day; the programme's first and last day tell how far its history reaches.
  func countDay(_ day: Int, by change: Int) throws {
    try database.run(
      """
      INSERT INTO programmeDay (programme, day, items) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET items = items + excluded.items
      """,
      [programme.rawValue, day, change]
    )
    if change < 0 {
      try database.run("DELETE FROM programmeDay WHERE programme = ? AND items <= 0", [programme.rawValue])
    }
  }

  /// The first and the last day of which there is feedback.
  func days() throws -> ClosedRange<Int>? {
    guard
      let first = try database.integer(
        "SELECT day FROM programmeDay WHERE programme = ? ORDER BY day LIMIT 1",
        [programme.rawValue]
      ),
      let last = try database.integer(
        "SELECT day FROM programmeDay WHERE programme = ? ORDER BY day DESC LIMIT 1",
        [programme.rawValue]
      )
    else { return nil }
    return first...last
  }
}
