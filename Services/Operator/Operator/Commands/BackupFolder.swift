import Contracts
import Foundation
import ServiceRuntime

/// Where the copies of one run of `backup` go.
struct BackupFolder {
  let url: URL
  private let stamp: String

  init(_ url: URL, at time: Timestamp) {
    self.url = url.standardizedFileURL
    stamp = String(time.description.filter { $0.isASCII && ($0.isNumber || $0.isLetter) })
  }

  func prepare() throws(Fault) {
    do {
      try FileManager.default.createDirectory(
        at: url,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw refusal("\(url.path) can't be made: \(error.localizedDescription)")
    }
  }

  /// What the service is asked to call its copy; another name for each round, as the service never writes over one.
  func name(of member: ServiceMember, round: Int) -> String {
    "\(member.name)-\(stamp)" + (round == 0 ? "" : "-\(round)") + ".sqlite"
  }

  /// Moves a copy from the service's data directory to its place.
  /// - Returns: where it is; nil where it is on another host, the service's own.
  func take(_ receipt: BackUpReceipt, of member: ServiceMember) throws(Fault) -> String? {
    guard FileManager.default.fileExists(atPath: receipt.path) else { return nil }
    let place = url.appending(component: "\(member.name)-\(stamp).sqlite")
    let partial = place.path + ".partial"
    do {
      if FileManager.default.fileExists(atPath: partial) { try FileManager.default.removeItem(atPath: partial) }
      // Renames within a file system, and copies to another one.
      try FileManager.default.moveItem(atPath: receipt.path, toPath: partial)
      try Self.synchronize(partial)
      // A copy of an earlier round is written over.
      guard rename(partial, place.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      try Self.synchronize(url.path)
    } catch {
      remove(partial)
      throw refusal("the copy of \(member.name) can't be moved to \(place.path): \(error.localizedDescription)")
    }
    return place.path
  }

  /// Takes back what a run that failed has made. What can't be removed only takes room, and is named.
  func remove(_ file: String) {
    guard FileManager.default.fileExists(atPath: file) else { return }
    do {
      try FileManager.default.removeItem(atPath: file)
    } catch {
      complain("\(file) is of no use and couldn't be removed: \(error.localizedDescription)")
    }
  }

  private static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  private func refusal(_ message: String) -> Fault {
    Fault(.failedPrecondition, reason: "backupNotStored", message)
  }
}
