/// What a test waited for and did not see.
package struct ConditionNotMet: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) {
    self.description = description
  }
}

/// Returns as soon as the condition holds.
/// - Parameter limit: how long to wait for it; far longer than it should ever take.
/// - Throws: `ConditionNotMet` with what was waited for, or what the condition throws.
package func waitUntil(
  _ what: String,
  within limit: Duration = .seconds(20),
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while !(try await condition()) {
    guard ContinuousClock.now < deadline else { throw ConditionNotMet(description: "not within \(limit): \(what)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}
