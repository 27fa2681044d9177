import Contracts
import Foundation
import Messaging
import NIOCore
import Storage

extension StartupFailure {
  /// What an error during the start means to an operator.
  init(_ error: any Error) {
    switch error {
    case let failure as StartupFailure: self = failure
    case let error as ConfigurationError:
      self.init(error.kind == .usage ? .usage : .configuration, error.description)
    case let error as StoreError: self.init(error)
    case let error as ZeroMQError: self.init(error)
    case let error as IOError: self.init(number: error.errnoCode, "\(error)")
    case let error as KeyFileError: self.init(.configuration, error.description)
    case let fault as Fault: self.init(.unexpected, fault.message)
    default: self.init(.unexpected, "The service can't start: \(error)")
    }
  }

  private init(_ error: StoreError) {
    let reason: Reason =
      switch error.code {
      case .locked: .storeLocked
      case .newerSchema: .storeTooNew
      case .diskFull: .diskFull
      case .permissionDenied: .permission
      case .damaged, .notADatabase, .migrationFailed: .storeDamaged
      case .wrongService, .wrongInstance: .configuration
      case .failed: .inputOutput
      case .busy: .storeLocked
      case .unknownStream, .unknownDeadLetter, .fileExists, .overloaded, .rolledBack, .closed: .unexpected
      }
    self.init(reason, error.message)
  }

  private init(_ error: ZeroMQError) {
    switch error.cause {
    case .malformedEndpoint, .plainBeyondLoopback, .unknownServer:
      self.init(.configuration, error.description)
    case .threadStopped, .noAuthenticator: self.init(.unexpected, error.description)
    case .system(let number): self.init(number: number, error.description)
    }
  }

  /// Why HTTP can't listen at an address.
  init(_ error: IOError, at address: String) {
    let advice =
      switch error.errnoCode {
      case EADDRINUSE: "the port is taken, most likely by another instance; stop it or choose another"
      case EADDRNOTAVAIL: "this machine has no such address; give one of its own"
      case EACCES: "permission denied; ports below 1024 need privileges"
      default: "\(error)"
      }
    self.init(number: error.errnoCode, "can't listen at \(address): \(advice)")
  }

  private init(number: Int32, _ message: String) {
    switch number {
    case EADDRINUSE, EADDRNOTAVAIL, ENODEV: self.init(.addressUnavailable, message)
    case EACCES, EPERM: self.init(.permission, message)
    case ENOSPC, EDQUOT: self.init(.diskFull, message)
    default: self.init(.unexpected, message)
    }
  }
}
