import Synchronization

/// How far each stream had come when this process last wrote to it.
final class WrittenPositions: Sendable {
  private let positions = Mutex<[String: String]>([:])

  /// - Parameter reported: `stream/instance/epoch/position` each; a later one replaces an earlier one of its stream.
  func add(_ reported: [String]) {
    positions.withLock { positions in
      for text in reported {
        let stream = text.split(separator: "/").prefix(2).joined(separator: "/")
        positions[stream] = text
      }
    }
  }

  var all: [String] { positions.withLock { $0.values.sorted() } }
}
