package import Contracts
import Foundation
package import GRPCCore

extension RPCError {
  /// The fault as a status, with the whole of it as JSON in the trailing metadata.
  package init(_ fault: Fault) {
    var metadata = Metadata()
    // A fault holds only texts, so encoding it can't fail; if it did, code and message would still arrive.
    if let json = try? JSONEncoder().encode(fault) {
      metadata.addString(String(decoding: json, as: UTF8.self), forKey: MetadataKey.fault)
    }
    self.init(code: Code(fault.code), message: fault.message, metadata: metadata)
  }
}

extension RPCError.Code {
  init(_ code: StatusCode) {
    self =
      switch code {
      case .cancelled: .cancelled
      case .unknown: .unknown
      case .invalidArgument: .invalidArgument
      case .deadlineExceeded: .deadlineExceeded
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .permissionDenied: .permissionDenied
      case .resourceExhausted: .resourceExhausted
      case .failedPrecondition: .failedPrecondition
      case .aborted: .aborted
      case .outOfRange: .outOfRange
      case .unimplemented: .unimplemented
      case .internal: .internalError
      case .unavailable: .unavailable
      case .dataLoss: .dataLoss
      case .unauthenticated: .unauthenticated
      }
  }
}
