import Synchronization

/// Empty stores with all their tables, made once in a process: running the migrations for every history would take
/// longer than the history.
final class StoreTemplates: Sendable {
  static let shared = StoreTemplates()

  private let images = Mutex<[String: [UInt8]]>([:])

  private init() {}

  /// The bytes of the service's store, where there have been some.
  func image(of service: String) -> [UInt8]? {
    images.withLock { $0[service] }
  }

  func keep(_ image: [UInt8], of service: String) {
    images.withLock { $0[service] = image }
  }
}
