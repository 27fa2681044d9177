import Contracts
import Records
import Synchronization

/// How each upstream is doing, as its subscription last said; read by readiness, metrics and status.
final class UpstreamBoard: Sendable {
  private let entries = Mutex<[Key: UpstreamStatus]>([:])

  struct Key: Hashable {
    let stream: StreamName
    let instance: UInt16
  }

  /// Every upstream is listed from the start, in contact or not.
  func expect(_ stream: StreamName, instance: UInt16, position: UInt64?) {
    update(stream, instance) { $0.position = position }
  }

  func update(_ stream: StreamName, _ instance: UInt16, _ change: (inout UpstreamStatus) -> Void) {
    let key = Key(stream: stream, instance: instance)
    entries.withLock { entries in
      change(&entries[key, default: UpstreamStatus(stream: stream, instance: instance, state: .known(.waiting))])
    }
  }

  var all: [UpstreamStatus] {
    entries.withLock { entries in
      entries.values.sorted { ($0.stream, $0.instance) < ($1.stream, $1.instance) }
    }
  }
}
