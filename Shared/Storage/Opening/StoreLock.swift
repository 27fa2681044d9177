import Foundation
import Synchronization

/// Keeps a second process from opening the same store, until it is released or goes.
///
/// The lock is flock(2)'s on `<path>.lock`, so the system releases it when the process dies, however it dies. The file
/// stays behind: removing it could take the lock from under somebody who has just opened it.
final class StoreLock: Sendable {
  /// Nil once released.
  private let held: Mutex<Int32?>

  init(forStoreAt path: String) throws(StoreError) {
    let lockPath = path + ".lock"
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw StoreError(
        .permissionDenied,
        "\(lockPath) can't be opened (\(reason)): let the service's user write to its directory"
      )
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = StoreLock.holder(from: descriptor)
      close(descriptor)
      throw StoreError(
        .locked,
        "the store at \(path) is in use by \(holder): stop it, or give this instance a store of its own"
      )
    }
    let identity = "process \(getpid())\n"
    // Only for the message above, so a disk without room for it is no reason to stop here.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, identity, identity.utf8.count, 0) }
    held = Mutex(descriptor)
  }

  deinit {
    release()
  }

  func release() {
    held.withLock { held in
      guard let descriptor = held else { return }
      // Closing is not enough: a program that is just being started holds a copy until its exec, and the lock with it.
      flock(descriptor, LOCK_UN)
      close(descriptor)
      held = nil
    }
  }

  private static func holder(from descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return "another process" }
    return String(decoding: buffer[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
