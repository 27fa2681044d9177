import GoalSetting
import TestSupport
import Testing

/// Which rows go along when a programme moves to another instance.
@Suite struct PartitionedTablesTests {
  @Test func everyTableIsDeclared() throws {
    #expect(try problems(of: GoalSettingSchema.tables, after: GoalSettingSchema.migrations) == [])
  }
}
