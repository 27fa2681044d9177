import Foundation
import Synchronization

/// A number that two processes see: how many events the consumer has committed. It costs the publisher no message, as
/// the peers' closed window costs them none.
final class SharedCount: Sendable {
  // The mapping lasts as long as the value, which is never copied, and is reached through atomic operations only.
  private nonisolated(unsafe) let word: UnsafeMutablePointer<Atomic<Int>>

  /// Says that the consumer follows the live feed, before the first event was counted.
  static let ready = -1
  private static let byteCount = 4096

  /// Maps the file, making it where there is none.
  init(path: String) throws {
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    defer { close(file) }
    guard ftruncate(file, off_t(SharedCount.byteCount)) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let bytes = mmap(nil, SharedCount.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let bytes, bytes != MAP_FAILED else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    word = bytes.bindMemory(to: Atomic<Int>.self, capacity: 1)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(word), SharedCount.byteCount)
  }

  var value: Int {
    get { word.pointee.load(ordering: .acquiring) }
    set { word.pointee.store(newValue, ordering: .releasing) }
  }
}
