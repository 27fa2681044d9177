import Contracts
import CoreMetrics
import GRPCCore
import Logging
import Storage
import Tracing

/// What surrounds every handled call: reading its metadata, waiting for what the caller wants applied first, a span,
/// metrics, and turning errors into statuses.
struct CallHost: Sendable {
  let store: Store
  let streams: [StreamName]
  let applied: AppliedPositions
  let state: ServiceState
  let now: @Sendable () -> Timestamp
  let logger: Logger
  let metrics: any MetricsFactory

  /// How long a caller without a deadline waits for `after`.
  static let longestWait = Duration.seconds(30)

  /// Runs `work` as the call that `metadata` describes.
  /// - Throws: an `RPCError`, whatever `work` throws.
  func handle<Answer>(
    _ entry: CallEntry,
    _ metadata: Metadata,
    from peer: String,
    _ work: (CallContext) async throws -> Answer
  ) async throws(RPCError) -> Answer {
    let start = ContinuousClock.now
    do {
      let context = try callContext(entry.name, metadata, from: peer, at: start)
      var instrumentation = ServiceContext.current ?? .topLevel
      instrumentation.trace = context.trace
      InstrumentationSystem.instrument.extract(metadata, into: &instrumentation, using: MetadataExtractor())
      let answer = try await withSpan(entry.name.description, context: instrumentation, ofKind: .server) { span in
        span.attributes["rpc.system"] = "groundswell"
        span.attributes["rpc.service"] = entry.name.service
        span.attributes["rpc.method"] = entry.name.method
        try await waitForWanted(metadata, context)
        return try await work(context)
      }
      count(entry, "OK", since: start)
      return answer
    } catch {
      let failure = rpcError(for: error, in: entry.name)
      count(entry, failure.code.description, since: start)
      throw failure
    }
  }

  private func callContext(
    _ method: MethodName,
    _ metadata: Metadata,
    from peer: String,
    at start: ContinuousClock.Instant
  ) throws(Fault) -> CallContext {
    let time = now()
    var principal = Principal(role: .program, name: "anonymous")
    if let text = metadata.firstString(MetadataKey.principal) {
      do {
        principal = try MessageCoding.decode(Principal.self, from: Array(text.utf8))
      } catch {
        throw Fault(error.code, reason: "malformedPrincipal", "The metadata 'principal': \(error.message)")
      }
    }
    let requestID = try metadata.firstString(MetadataKey.requestID).map(wellFormedRequestID)
    return CallContext(
      method: method,
      principal: principal,
      requestID: requestID,
      deadline: metadata.timeout.map { start + $0 },
      trace: metadata.firstString(MetadataKey.traceparent).flatMap(TraceContext.init)?.child() ?? .root(),
      peer: peer,
      time: time,
      metadata: metadata,
      store: store,
      streams: streams
    )
  }

  private func wellFormedRequestID(_ text: String) throws(Fault) -> ID<Request> {
    guard ID<Request>.isWellFormed(text) else {
      throw Fault(
        .invalidArgument,
        reason: "malformedRequestID",
        "A request id has 1 to \(ID<Request>.longestLength) bytes, none of them a control character."
      )
    }
    return ID(text)
  }

  private func waitForWanted(_ metadata: Metadata, _ context: CallContext) async throws {
    for text in metadata[stringValues: MetadataKey.after] {
      guard let wanted = StreamPosition(text) else {
        throw Fault(
          .invalidArgument,
          reason: "malformedPosition",
          "The metadata 'after' must be stream/instance/epoch/position, not '\(text)'."
        )
      }
      let deadline = context.deadline ?? ContinuousClock.now + CallHost.longestWait
      try await applied.wait(for: wanted, until: deadline)
    }
  }

  private func count(_ entry: CallEntry, _ code: String, since start: ContinuousClock.Instant) {
    let labels = [("method", entry.name.description), ("code", code)]
    let timer = Timer(label: "groundswell_call_duration", dimensions: labels, factory: metrics)
    timer.recordNanoseconds((ContinuousClock.now - start).nanoseconds)
  }

  private func rpcError(for error: any Error, in method: MethodName) -> RPCError {
    switch error {
    case let error as RPCError: return error
    case let fault as Fault: return RPCError(fault)
    case is CancellationError: return RPCError(code: .cancelled, message: "The call was cancelled.")
    default: break
    }
    if let fault = Fault(storage: error) { return RPCError(fault) }
    logger.error("a call failed in a way nobody foresaw", metadata: ["method": "\(method)", "error": "\(error)"])
    return RPCError(
      Fault(.internal, reason: "unexpected", "\(method) failed in a way nobody foresaw; the service's log says how.")
    )
  }
}

extension Duration {
  /// Whole nanoseconds.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
