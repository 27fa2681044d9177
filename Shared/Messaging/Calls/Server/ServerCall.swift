package import Contracts
import Foundation
import GRPCCore
import Synchronization

/// What a handler knows about the call that it answers, apart from the request.
package struct ServerCall: Sendable {
  package let method: MethodName
  /// The id under which a command is done at most once.
  package let requestID: ID<Request>?
  /// On whose behalf the call is made: as it says, as far as its key may speak for them. Where it doesn't say, its key's
  /// own program; nil where there are no keys.
  package let principal: Principal?
  package let trace: TraceContext?
  /// `stream/instance/epoch/position` each: answer only once that much has been applied.
  package let after: [String]
  /// When the caller stops waiting; the handler's task is cancelled then. Nil when it never does.
  package let deadline: MonotonicInstant?
  /// Who is at the other end, as the transport names it.
  package let peer: String
  /// Whose key the call came by; nil where the transport knows no keys.
  package let caller: AuthenticatedCaller?

  /// - Throws: `Fault` INVALID_ARGUMENT for metadata that can't be read; what the caller's key may not say.
  init(_ method: MethodName, _ metadata: Metadata, from peer: String, _ origin: CallOrigin?) throws(Fault) {
    func text(_ key: String) -> String? { metadata[stringValues: key].first { _ in true } }
    func malformed(_ key: String, _ why: String) -> Fault {
      Fault(.invalidArgument, reason: "malformedMetadata", "the metadata '\(key)' is malformed: \(why)", field: key)
    }
    self.method = method
    self.peer = peer
    let caller = origin?.caller
    self.caller = caller
    after = Array(metadata[stringValues: MetadataKey.after])
    // W3C Trace Context: a traceparent that can't be read is treated as if there were none.
    trace = text(MetadataKey.traceparent).flatMap(TraceContext.init)
    deadline =
      origin?.deadline
      ?? text(GRPCTimeout.key).flatMap(GRPCTimeout.duration).map { .now + $0 }
    let requestID = text(MetadataKey.requestID)
    if let requestID, !ID<Request>.isWellFormed(requestID) {
      throw malformed(MetadataKey.requestID, "an id has 1 to \(ID<Request>.longestLength) printable characters")
    }
    self.requestID = requestID.map(ID.init(_:))
    let claimed: Principal?
    do {
      claimed = try text(MetadataKey.principal).map { try PrincipalMemory.shared.principal($0) }
    } catch {
      throw malformed(MetadataKey.principal, "it is the JSON of a Principal (\(error))")
    }
    principal = try caller?.principal(claimed) ?? claimed
  }
}

/// Principals as they were last read off metadata: a client sends the same few again and again, and decoding one takes
/// longer than the rest of a short call.
private final class PrincipalMemory: Sendable {
  static let shared = PrincipalMemory()
  private static let capacity = 256

  private let known = Mutex<[String: Principal]>([:])

  func principal(_ json: String) throws -> Principal {
    if let principal = known.withLock({ $0[json] }) { return principal }
    let principal = try messageDecoder.decode(Principal.self, from: Data(json.utf8))
    known.withLock { known in
      // Emptied when full: whoever calls often is soon back.
      if known.count >= PrincipalMemory.capacity { known.removeAll(keepingCapacity: true) }
      known[json] = principal
    }
    return principal
  }
}
