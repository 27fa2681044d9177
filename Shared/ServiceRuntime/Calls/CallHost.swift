import Contracts
import Messaging
import Storage
import Tracing

/// What surrounds every handled call: who asks and since when, waiting for what the caller wants applied first, a
/// span, and turning the store's errors into faults.
struct CallHost: Sendable {
  let store: Store
  /// The streams that the store writes.
  let streams: [StreamName]
  let applied: AppliedPositions
  let now: @Sendable () -> Timestamp

  /// How long a caller without a deadline waits for `after`.
  static let longestWait = Duration.seconds(30)

  func handle<Answer>(_ call: ServerCall, _ work: (CallContext) async throws -> Answer) async throws -> Answer {
    let context = CallContext(
      method: call.method,
      principal: call.principal ?? Principal(role: .program, name: "anonymous"),
      requestID: call.requestID,
      deadline: call.deadline,
      trace: call.trace?.child() ?? .root(),
      peer: call.peer,
      time: now(),
      store: store
    )
    var instrumentation = ServiceContext.current ?? .topLevel
    instrumentation.trace = context.trace
    InstrumentationSystem.instrument.extract(call, into: &instrumentation, using: TraceExtractor())
    do {
      return try await withSpan(call.method.description, context: instrumentation, ofKind: .server) { span in
        span.attributes["rpc.system"] = "groundswell"
        span.attributes["rpc.service"] = call.method.service
        span.attributes["rpc.method"] = call.method.method
        try await waitForWanted(call)
        return try await work(context)
      }
    } catch {
      throw Fault(storage: error) ?? error
    }
  }

  /// The programmes that a request names, where it matters who owns them.
  func programmes(in request: some Sendable) -> Set<ID<Programme>> {
    store.configuration.partitioning == nil ? [] : ProgrammeNames(in: request).all ?? []
  }

  /// Answers a question about programmes that this instance owns, before and after: what is read while a partition
  /// leaves would be an answer from half of it.
  func holdingOwnership<Answer>(of request: some Sendable, _ answer: () async throws -> Answer) async throws -> Answer {
    let programmes = store.ownership.owned == .all ? [] : programmes(in: request)
    for programme in programmes { try store.ownership.require(programme) }
    do {
      let answer = try await answer()
      if store.ownership.owned != .all {
        for programme in self.programmes(in: request) { try store.ownership.require(programme) }
      }
      return answer
    } catch {
      // What was missing may have left meanwhile.
      for programme in programmes { try store.ownership.require(programme) }
      throw error
    }
  }

  private func waitForWanted(_ call: ServerCall) async throws {
    guard !call.after.isEmpty else { return }
    let remaining = call.deadline.map { $0 - .now } ?? CallHost.longestWait
    let deadline = ContinuousClock.now + min(remaining, CallHost.longestWait)
    for text in call.after {
      guard let wanted = StreamPosition(text) else {
        throw Fault(
          .invalidArgument,
          reason: "malformedPosition",
          "The metadata 'after' must be stream/instance/epoch/position, not '\(text)'."
        )
      }
      try await applied.wait(for: wanted, until: deadline)
    }
  }
}

/// Lets a tracer of its own kind find the caller's trace.
private struct TraceExtractor: Extractor {
  func extract(key: String, from call: ServerCall) -> String? {
    key == MetadataKey.traceparent ? call.trace?.description : nil
  }
}
