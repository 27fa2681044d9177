package import Contracts
import Foundation
import GRPCCore

/// What a handler knows about the call that it answers, apart from the request.
package struct ServerCall: Sendable {
  package let method: MethodName
  /// The id under which a command is done at most once.
  package let requestID: ID<Request>?
  /// On whose behalf the call says it is made; nil when it doesn't say.
  package let principal: Principal?
  package let trace: TraceContext?
  /// `stream/instance/epoch/position` each: answer only once that much has been applied.
  package let after: [String]
  /// When the caller stops waiting; the handler's task is cancelled then. Nil when it never does.
  package let deadline: MonotonicInstant?
  /// Who is at the other end, as the transport names it.
  package let peer: String

  /// - Throws: `Fault` INVALID_ARGUMENT for metadata that can't be read.
  init(_ method: MethodName, _ metadata: Metadata, _ context: ServerContext) throws(Fault) {
    func text(_ key: String) -> String? { metadata[stringValues: key].first { _ in true } }
    func malformed(_ key: String, _ why: String) -> Fault {
      Fault(.invalidArgument, reason: "malformedMetadata", "the metadata '\(key)' is malformed: \(why)", field: key)
    }
    self.method = method
    peer = context.remotePeer
    after = Array(metadata[stringValues: MetadataKey.after])
    // W3C Trace Context: a traceparent that can't be read is treated as if there were none.
    trace = text(MetadataKey.traceparent).flatMap(TraceContext.init)
    deadline =
      (context.transportSpecific as? CallDeadline)?.instant
      ?? text(GRPCTimeout.key).flatMap(GRPCTimeout.duration).map { .now + $0 }
    let requestID = text(MetadataKey.requestID)
    if let requestID, !ID<Request>.isWellFormed(requestID) {
      throw malformed(MetadataKey.requestID, "an id has 1 to \(ID<Request>.longestLength) printable characters")
    }
    self.requestID = requestID.map(ID.init(_:))
    do {
      principal = try text(MetadataKey.principal).map { try messageDecoder.decode(Principal.self, from: Data($0.utf8)) }
    } catch {
      throw malformed(MetadataKey.principal, "it is the JSON of a Principal (\(error))")
    }
  }
}
