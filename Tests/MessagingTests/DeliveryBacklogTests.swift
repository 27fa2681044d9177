import Records
import TestSupport
import Testing

@testable import Messaging

/// How much of what waits is committed at once.
struct DeliveryBacklogTests {
  /// So many commits, each in a frame of its own.
  private func slices(_ count: Int, ofRecords records: Int = 100) -> [FrameSlice<RecordFrame>] {
    let journal = MemoryJournal()
    return (0..<count).flatMap { _ in journal.append(records) }.map { FrameSlice(frame: $0, skippedRecords: 0) }
  }

  /// The sizes of all batches until nothing waits.
  private func batches(of backlog: inout DeliveryBacklog) -> [Int] {
    var sizes: [Int] = []
    while case .slices(let slices)? = backlog.take() { sizes.append(slices.reduce(0) { $0 + $1.recordCount }) }
    return sizes
  }

  @Test func whoKeepsUpCommitsSmallBatches() {
    var backlog = DeliveryBacklog(mostRecords: 500)
    backlog.append(slices(20))
    #expect(batches(of: &backlog) == [500, 500, 500, 500])
  }

  @Test func whoIsBehindCommitsAQuarterOfWhatWaitsAndFourTimesAsMuchAtMost() {
    var backlog = DeliveryBacklog(mostRecords: 500)
    backlog.append(slices(120))
    #expect(batches(of: &backlog) == [2000, 2000, 2000, 1500, 1100, 800, 600, 500, 500, 500, 500])
  }

  @Test func aFrameIsNotDivided() {
    var backlog = DeliveryBacklog(mostRecords: 50)
    backlog.append(slices(2))
    #expect(batches(of: &backlog) == [100, 100])
  }

  @Test func whatIsVoidDoesNotCount() {
    var backlog = DeliveryBacklog(mostRecords: 500)
    backlog.append(slices(120))
    backlog.hold()
    #expect(batches(of: &backlog).isEmpty)
    backlog.restart()
    backlog.append(slices(20))
    #expect(batches(of: &backlog) == [500, 500, 500, 500])
  }
}
