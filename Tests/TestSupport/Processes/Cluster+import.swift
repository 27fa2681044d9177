package import Foundation

/// The last line of an import with `--json`.
package struct ImportLine: Decodable {
  package var rows, imported, duplicates, rejected: Int
  package var rejectsFile: String?
}

extension Cluster {
  /// Imports a CSV file whose columns are named after the fields that they hold.
  /// - Parameters:
  ///   - columns: those that are taken over.
  ///   - source: the feedback's CloudEvents source, where it isn't the command line's own choice.
  package func importFeedback(
    _ file: URL,
    as programme: String = "northwind",
    channel: String = "call",
    columns: [String],
    source: String? = nil
  ) async throws -> CommandResult {
    let maps = columns.flatMap { ["--map", "\($0)=\($0)"] }
    let sources = source.map { ["--source", $0] } ?? []
    return try await run(
      ["import", file.path, "--programme", programme, "--create", "--channel", channel, "--json"] + maps + sources
    )
  }
}

/// Files of feedback to import.
package enum FeedbackFile {
  /// What customers complain about, in columns `id`, `team`, `customer` and `text`.
  package static func complaints(rows: Int, using random: inout SeededGenerator) -> Data {
    let subjects = ["bag", "flight", "bill", "router", "parcel", "agent", "line", "seat"]
    let pains = ["was lost", "came late", "is wrong", "never arrived", "keeps dropping", "was cancelled"]
    var text = "id,team,customer,text\n"
    for row in 1...rows {
      let subject = subjects[Int.random(in: 0..<subjects.count, using: &random)]
      let pain = pains[Int.random(in: 0..<pains.count, using: &random)]
      text += "\(row),team-\(row % 3),customer-\(row % 700),\"My \(subject) \(pain), and this is time \(row)\"\n"
    }
    return Data(text.utf8)
  }
}
