import CFaultyDisk
import Foundation

/// A disk in memory, mounted at a directory, that loses what wasn't synced when its power is cut.
///
/// SQLite's files below the directory are on it, whoever opens them; see `faulty_disk.h`.
package final class SimulatedDisk: Sendable {
  // The C side guards each disk by a mutex, so it may be used on any thread; it lives until `deinit`.
  nonisolated(unsafe) private let disk: OpaquePointer

  /// - Parameters:
  ///   - directory: made where it is missing: what isn't SQLite's, such as lock files, lies there in truth.
  ///   - seed: decides which writes survive a cut.
  package init(at directory: String, seed: UInt64) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    guard let path = realpath(directory, nil) else { throw CocoaError(.fileNoSuchFile) }
    defer { free(path) }
    guard let disk = faulty_disk_mount(path, seed) else { throw POSIXError(.ENOMEM) }
    self.disk = disk
  }

  deinit {
    faulty_disk_unmount(disk)
  }

  // MARK: Contents

  /// The bytes of a file as they read now; nil where there is none.
  package func contents(of path: String) -> [UInt8]? {
    let size = faulty_disk_get(disk, path, nil, 0)
    guard size >= 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      count = Int(max(0, min(size, faulty_disk_get(disk, path, buffer.baseAddress, buffer.count))))
    }
  }

  /// Puts a durable file there, and nothing beside it of what SQLite keeps for an earlier one.
  package func replaceDatabase(at path: String, with bytes: [UInt8]) {
    for suffix in ["-wal", "-journal"] { faulty_disk_remove(disk, path + suffix) }
    bytes.withUnsafeBytes { faulty_disk_put(disk, path, $0.baseAddress, $0.count) }
  }

  // MARK: Faults

  /// As long as it is full, no file grows.
  package func setFull(_ isFull: Bool) { faulty_disk_set_full(disk, isFull ? 1 : 0) }

  /// That many of the next syncs fail, and don't make durable what they should have.
  package func failSyncs(_ count: Int) { faulty_disk_fail_syncs(disk, UInt32(count)) }

  /// Whether syncs succeed and do nothing.
  package func setLying(_ isLying: Bool) { faulty_disk_set_lying(disk, isLying ? 1 : 0) }

  /// Cuts power at the operation after that many more.
  package func cutPower(afterOperations count: Int) { faulty_disk_cut_power_after(disk, UInt64(count)) }

  /// Nothing that was planned goes wrong any more.
  package func calm() {
    faulty_disk_fail_syncs(disk, 0)
    faulty_disk_set_full(disk, 0)
    faulty_disk_cut_power_never(disk)
  }

  /// Cuts power now: what wasn't synced is lost, at least in part.
  package func cutPower() { faulty_disk_cut_power(disk) }

  /// Ends the process that has the files open; the machine keeps what was written.
  package func kill() { faulty_disk_kill(disk) }

  package var isDown: Bool { faulty_disk_is_down(disk) != 0 }

  /// Lets files be opened again, with what has survived.
  package func powerOn() { faulty_disk_power_on(disk) }

  // MARK: Counts

  package var syncCount: Int { Int(faulty_disk_count(disk).syncs) }
  /// Operations that change the disk: each of them may be the last.
  package var operationCount: Int { Int(faulty_disk_count(disk).operations) }
  /// Writes that power cuts took back, at least in part.
  package var lostWriteCount: Int { Int(faulty_disk_count(disk).lost_writes) }
}
