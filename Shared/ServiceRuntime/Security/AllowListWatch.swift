import Foundation
package import Logging
package import Messaging
import ServiceLifecycle

/// Puts the allow-list into force whenever its file has changed, without a restart. A list that can't be used changes
/// nothing: the one in force stays, and the log and a metric say why.
package struct AllowListWatch: Service, CustomStringConvertible {
  private static let interval = Duration.milliseconds(500)

  private let path: String
  private let access: AccessControl
  private let logger: Logger

  package init(path: String, access: AccessControl, logger: Logger) {
    self.path = path
    self.access = access
    self.logger = logger
  }

  package var description: String { "allow-list \(path)" }

  /// What tells one state of a file from another: it may be written in place or replaced.
  private struct Version: Equatable {
    var number: UInt64?
    var byteCount: UInt64?
    var modified: Date?
  }

  package func run() async {
    await cancelWhenGracefulShutdown { await watch() }
  }

  private func watch() async {
    // What was read at the start may be older than the file is now, so it is read once more.
    var known: Version?
    while !Task.isCancelled {
      let version = version()
      if version != known { reload() }
      known = version
      do { try await Task.sleep(for: AllowListWatch.interval) } catch { return }
    }
  }

  /// Nil where there is no such file, which is a change as well.
  private func version() -> Version? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
    return Version(
      number: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value,
      byteCount: (attributes[.size] as? NSNumber)?.uint64Value,
      modified: attributes[.modificationDate] as? Date
    )
  }

  private func reload() {
    do {
      let list = try KeyAllowList(readingFileAt: path)
      guard list != access.list else { return }
      access.replace(by: list)
      logger.info("the allow-list has changed", metadata: ["path": "\(path)", "entries": "\(list.grants.count)"])
    } catch {
      access.refuseList()
      logger.error("the allow-list can't be used; the one before stays in force", metadata: ["error": "\(error)"])
    }
  }
}
