package import Contracts
import Foundation
import GRPCCore

// A fault travels as the status' code and message, and whole, as JSON, in the trailing metadata `fault`.

extension RPCError {
  /// The longest message of a fault that is sent, in UTF-8 bytes: metadata is bounded, and nobody reads more.
  private static let longestMessageBytes = 2048

  /// A fault in the form that GRPCCore reports to the caller.
  init(_ fault: Fault) {
    var fault = fault
    if fault.message.utf8.count > RPCError.longestMessageBytes {
      fault.message = fault.message.prefix(RPCError.longestMessageBytes / 4) + " …"
    }
    self.init(code: fault.code.rpcCode, message: fault.message)
    do {
      let json = String(decoding: try messageEncoder.encode(fault), as: UTF8.self)
      metadata = [MetadataKey.fault: .string(json)]
    } catch {
      // Strings always encode; were it otherwise, code and message would still say most of it.
    }
  }
}

extension Fault {
  /// What a failed call has to say, whoever failed it: the service's own fault, or one made of the status.
  package init(reporting error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    case let error as RPCError: self = Fault(error)
    case let error as any RPCErrorConvertible: self = Fault(RPCError(error))
    case is CancellationError: self = Fault(RPCError.cancelled)
    case let error as RuntimeError: self = Fault(.unavailable, reason: "clientStopped", error.message)
    default: self = Fault(.unknown, reason: StatusCode.unknown.reason, "\(error)")
    }
  }

  private init(_ error: RPCError) {
    if let json = error.metadata[stringValues: MetadataKey.fault].first(where: { _ in true }) {
      do {
        self = try messageDecoder.decode(Fault.self, from: Data(json.utf8))
        return
      } catch {
        // A fault that this version can't read still came with a code and a message.
      }
    }
    let code = StatusCode(error.code)
    self.init(code, reason: code.reason, error.message)
  }
}

extension StatusCode {
  init(_ code: RPCError.Code) {
    self = StatusCode.allCases.first { $0.number == code.rawValue } ?? .unknown
  }

  var rpcCode: RPCError.Code {
    Status.Code(rawValue: number).flatMap(RPCError.Code.init) ?? .unknown
  }

  /// The machine-readable word for a failure that no service has named: the code in lower camel case.
  var reason: String { "\(self)" }
}
