import Foundation

/// A directory of its own for a test.
package struct TemporaryDirectory: Sendable {
  package let path: String

  /// The path of something inside.
  package func path(of name: String) -> String { "\(path)/\(name)" }
}

/// Runs `body` with a fresh directory, and removes it with everything in it afterwards, however `body` ends.
package func withTemporaryDirectory<Value>(
  _ body: (TemporaryDirectory) async throws -> Value
) async throws -> Value {
  let url = FileManager.default.temporaryDirectory.appending(path: "groundswell-\(UUID().uuidString)")
  try FileManager.default.createDirectory(
    at: url,
    withIntermediateDirectories: false,
    attributes: [.posixPermissions: 0o700]
  )
  do {
    let value = try await body(TemporaryDirectory(path: url.path))
    try FileManager.default.removeItem(at: url)
    return value
  } catch {
    try FileManager.default.removeItem(at: url)
    throw error
  }
}
