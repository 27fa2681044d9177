import Contracts
import GRDB
import Storage
import TestSupport
import Testing

@testable import Ranking

@Suite struct RankingSchemaTests {
  /// Opportunity 1 absorbed 2, which had absorbed 3; 4 stands by itself.
  private let before = """
    INSERT INTO opportunity (programme, number, id, title, keywords, quotes, weekly, openedAt, lastSeenAt, mergedInto)
    VALUES ('p', 1, 'one', '', '', '', '', 0, 0, NULL), ('p', 2, 'two', '', '', '', '', 0, 0, 1),
      ('p', 3, 'three', '', '', '', '', 0, 0, 2), ('p', 4, 'four', '', '', '', '', 0, 0, NULL),
      ('q', 1, 'other', '', '', '', '', 0, 0, NULL);
    INSERT INTO feedback (programme, id, revision, theme, home, scale, similarity, severity, language, text, channel,
      occurredAt)
    VALUES ('p', 'a', 1, 1, 1, 1, 1, 0.9, 'en', '', 'chat', 0), ('p', 'b', 1, 1, 1, 1, 1, 0.1, 'en', '', 'chat', 0),
      ('p', 'c', 1, 1, 2, 1, 1, 0.3, 'en', '', 'chat', 0), ('p', 'd', 1, 1, 3, 1, 1, 0.8, 'en', '', 'chat', 0),
      ('p', 'e', 1, 4, 4, 1, 1, 0.2, 'en', '', 'chat', 0), ('p', 'f', 1, NULL, NULL, 0, 0, 0.9, 'en', '', 'chat', 0),
      ('q', 'g', 1, 1, 1, 1, 1, 0.5, 'en', '', 'chat', 0);
    """

  @Test func needsOfWhatWasThereAreCounted() async throws {
    try await withTemporaryDirectory { directory in
      func open(_ migrations: some Collection<Migration>) throws -> Store {
        try Store.open(
          storeConfiguration(at: directory.path(of: "store.sqlite")),
          streams: [.ranking],
          migrations: Array(migrations),
          onCommit: { _ in },
          now: { Timestamp(milliseconds: 0) }
        )
      }
      let old = try open(RankingSchema.migrations.prefix(1))
      try await old.write { try $0.database.execute(sql: before) }
      await old.close()
      let new = try open(RankingSchema.migrations)
      let needs = try await new.read { database in
        try Row.fetchAll(database, sql: "SELECT id, needs FROM opportunity").reduce(into: [String: Int]()) {
          $0[$1["id"]] = $1["needs"]
        }
      }
      await new.close()
      #expect(needs == ["one": 3, "two": 2, "three": 1, "four": 0, "other": 1])
    }
  }
}
