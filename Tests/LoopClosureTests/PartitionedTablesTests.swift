import LoopClosure
import TestSupport
import Testing

/// Which rows go along when a programme moves to another instance.
@Suite struct PartitionedTablesTests {
  @Test func everyTableIsDeclared() throws {
    #expect(try problems(of: LoopClosureSchema.tables, after: LoopClosureSchema.migrations) == [])
  }
}
