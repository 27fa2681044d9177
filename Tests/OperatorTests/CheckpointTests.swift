import Contracts
import Foundation
import TestSupport
import Testing

@testable import Operator

/// An interrupted import goes on where it was; what can't be read of its state is said.
@Suite struct CheckpointTests {
  private func withImport(
    _ body: (_ options: ImportOptions, _ folder: URL, _ checkpoint: ImportCheckpoint) throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "feedback.csv")
      try Data("words\nhello\n".utf8).write(to: URL(filePath: path))
      let options = ImportOptions(
        path: path,
        format: .csv,
        programme: "p",
        source: "s",
        channel: nil,
        mapping: try ColumnMapping(["text=words"]),
        delimiter: nil,
        dateFormat: nil,
        timeZone: .gmt
      )
      let folder = URL(filePath: directory.path(of: "imports"))
      var checkpoint = try ImportCheckpoint.open(for: options, in: folder) { _ in }
      checkpoint.tally.imported = 7
      try checkpoint.save(in: folder)
      try body(options, folder, checkpoint)
    }
  }

  @Test func whatWasSettledIsTakenUpAgain() async throws {
    try await withImport { options, folder, checkpoint in
      let again = try ImportCheckpoint.open(for: options, in: folder) { Issue.record("it complained: \($0)") }
      #expect(again == checkpoint)
    }
  }

  @Test(arguments: ["", "{", #"{"file": 1}"#, "\u{0}\u{1}"])
  func whatCannotBeReadIsSaidAndTheImportBeginsAnew(_ damage: String) async throws {
    try await withImport { options, folder, _ in
      let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      let file = try #require(files.first)
      try Data(damage.utf8).write(to: file)
      var said: [String] = []
      let fresh = try ImportCheckpoint.open(for: options, in: folder) { said.append($0) }
      #expect(fresh.tally == ImportTally())
      #expect(said.count == 1)
      #expect(said.first?.contains(file.path) == true, "\(said)")
      #expect(said.first?.contains(options.path) == true, "\(said)")
    }
  }
}
