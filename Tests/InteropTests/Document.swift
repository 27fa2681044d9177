import Foundation
import TestSupport

/// A document whose examples are run as they stand there.
struct Document {
  let text: String

  /// - Parameter path: from the project's root.
  init(_ path: String...) throws {
    let file = path.reduce(Binaries.root) { $0.appending(component: $1) }
    text = try String(contentsOf: file, encoding: .utf8)
  }

  static func readme() throws -> Document { try Document("README.md") }

  static func wire() throws -> Document { try Document("Shared", "Messaging", "WIRE.md") }

  /// The code blocks of a language.
  func blocks(_ language: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }
}
