package import Contracts
import GRDB
import Storage

extension Fault {
  /// What a store's error means to a caller; nil for anything that is no store's error.
  package init?(storage error: any Error) {
    guard let error = error as? StoreError else { return nil }
    let reason = error.code.rawValue
    switch error.code {
    case .overloaded, .diskFull:
      self.init(.resourceExhausted, reason: reason, error.message)
    case .busy, .rolledBack, .closed, .failed, .locked:
      self.init(.unavailable, reason: reason, error.message)
    case .damaged, .notADatabase:
      self.init(.dataLoss, reason: reason, error.message)
    case .unknownDeadLetter:
      self.init(.notFound, reason: reason, error.message)
    case .fileExists:
      self.init(.alreadyExists, reason: reason, error.message)
    case .newerSchema, .permissionDenied, .wrongService, .wrongInstance, .migrationFailed, .unknownStream:
      self.init(.internal, reason: reason, error.message)
    }
  }

  /// Why a record can't be applied, where that will be so every time; nil for a failure that may pass.
  ///
  /// What a disk or a lock does passes or stops the service; what SQLite says about values, and whatever else a
  /// closure throws, will be thrown again for the same record.
  init?(lasting error: any Error) {
    switch error {
    case let fault as Fault:
      self = fault
    case is StoreError, is CancellationError, is Succession.PredecessorBehind:
      return nil
    case let error as DatabaseError:
      switch error.resultCode {
      case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_ERROR:
        self.init(.internal, reason: "refusedByStore", error.message ?? "\(error.resultCode)")
      default:
        return nil
      }
    default:
      self.init(.internal, reason: "unexpected", "\(error)")
    }
  }
}
