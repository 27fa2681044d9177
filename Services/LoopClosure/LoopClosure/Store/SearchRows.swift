import Contracts
import GRDB

/// Finds texts that may be alike without comparing with all of them: an inverted index of words and sketches.
struct SearchRows {
  let database: Database

  /// What a document is.
  enum Kind: String {
    case idea, grave
  }

  /// The most documents that one term is followed to, newest first, and the most candidates that are compared.
  private static let mostPerTerm = 200
  private static let mostCandidates = 64

  func index(_ text: String, as document: String, _ kind: Kind, in programme: ID<Programme>) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO searchTerm (programme, kind, term, document) VALUES (?, ?, ?, ?)"
    )
    for term in TextFingerprint(text).searchTerms {
      try statement.execute(arguments: [programme.rawValue, kind.rawValue, term, document])
    }
  }

  /// Documents that share the most terms with a text, rare ones counting more. The work is bounded by the terms of the
  /// text, whatever the store holds.
  func candidates(for fingerprint: TextFingerprint, _ kind: Kind, in programme: ID<Programme>) throws -> [String] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT document FROM searchTerm WHERE programme = ? AND kind = ? AND term = ?
        ORDER BY document DESC LIMIT \(SearchRows.mostPerTerm)
        """
    )
    var weights: [String: Double] = [:]
    for term in fingerprint.searchTerms {
      let documents = try String.fetchAll(statement, arguments: [programme.rawValue, kind.rawValue, term])
      for document in documents { weights[document, default: 0] += 1 / Double(documents.count) }
    }
    return weights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(SearchRows.mostCandidates).map(\.key)
  }
}
