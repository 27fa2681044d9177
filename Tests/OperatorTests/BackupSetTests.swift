import Contracts
import ServiceRuntime
import Testing

@testable import Operator

/// Which copies have to be made again, so that all of them belong together.
@Suite struct BackupSetTests {
  private let ranking = ServiceMember(service: .ranking, instance: 0)
  private let ingestion = ServiceMember(service: .ingestion, instance: 0)
  private let loopClosure = ServiceMember(service: .loopClosure, instance: 0)

  private func copy(heads: [StreamName: UInt64], cursors: [StreamName: UInt64]) -> BackupSet.Copy {
    func places(_ positions: [StreamName: UInt64]) -> [StreamHead] {
      positions.map { StreamHead(stream: $0.key, epoch: "1", position: $0.value, chain: "") }
    }
    return BackupSet.Copy(
      name: "",
      receipt: BackUpReceipt(path: "", byteCount: 0, heads: places(heads), cursors: places(cursors))
    )
  }

  @Test func aCopyThatOthersHaveOvertakenIsBehind() {
    var set = BackupSet()
    set.copies[ranking] = copy(heads: [.ranking: 4], cursors: [.ingestion: 11, .goalSetting: 99])
    set.copies[ingestion] = copy(heads: [.ingestion: 10], cursors: [:])
    set.copies[loopClosure] = copy(heads: [.loopClosure: 7], cursors: [.ranking: 4])
    #expect(set.behind == [ingestion], "goal-setting isn't among the copies")
    set.copies[ingestion] = copy(heads: [.ingestion: 12], cursors: [:])
    #expect(set.behind.isEmpty)
  }
}
