/// Why a service did not start: one sentence for the operator, and an exit code for what started it.
///
/// The codes are those of BSD's sysexits.h where one fits, so that scripts can tell what is worth another attempt.
package struct StartupFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let reason: Reason
  package let message: String

  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  package enum Reason: Int32, Sendable, CaseIterable {
    /// The command line can't be understood (EX_USAGE).
    case usage = 64
    /// The store is damaged (EX_DATAERR).
    case storeDamaged = 65
    /// A port or socket path is taken, or the address isn't this machine's (EX_UNAVAILABLE).
    case addressUnavailable = 69
    /// Anything that has no code of its own (EX_SOFTWARE).
    case unexpected = 70
    /// The disk is full (EX_CANTCREAT).
    case diskFull = 73
    /// The disk fails (EX_IOERR).
    case inputOutput = 74
    /// Another instance has the store; it may go away (EX_TEMPFAIL).
    case storeLocked = 75
    /// The store was written by a newer version (EX_PROTOCOL).
    case storeTooNew = 76
    /// A file or directory may not be used (EX_NOPERM).
    case permission = 77
    /// A setting's value or the configuration file is wrong (EX_CONFIG).
    case configuration = 78
  }

  package var exitCode: Int32 { reason.rawValue }
  package var description: String { message }
}
