package import Contracts
import Foundation

/// Writes `text` to standard error in as few system calls as it takes. Lines up to the size of a pipe's buffer stay
/// whole even when several threads write.
@Sendable package func writeToStandardError(_ text: String) {
  var remaining = Array(text.utf8)[...]
  while !remaining.isEmpty {
    let written = remaining.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if written > 0 {
      remaining = remaining.dropFirst(written)
    } else if errno != EINTR {
      // Nobody reads any more, and there is nowhere left to say so.
      return
    }
  }
}

extension Timestamp {
  /// The system's clock. Domain code is given its time instead.
  @Sendable package static func now() -> Timestamp {
    // Not `timespec`: which module its members belong to depends on what else a build has loaded before.
    Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
  }
}
