package import Contracts
package import ServiceContextModule

/// Where the current trace is kept while a task works on a call or an event.
private enum TraceContextKey: ServiceContextKey {
  typealias Value = TraceContext
  static var nameOverride: String? { "traceparent" }
}

extension ServiceContext {
  /// The trace that the current work belongs to, with the current span as parent of whatever it causes.
  package var trace: TraceContext? {
    get { self[TraceContextKey.self] }
    set { self[TraceContextKey.self] = newValue }
  }
}

extension TraceContext {
  /// A new trace, sampled, that starts here.
  package static func root() -> TraceContext {
    TraceContext(
      traceID: (.random(in: 1 ... .max), .random(in: 0 ... .max)),
      parentSpanID: .random(in: 1 ... .max),
      flags: 1
    )
  }

  /// The same trace one span further down.
  package func child() -> TraceContext {
    TraceContext(traceID: traceID, parentSpanID: .random(in: 1 ... .max), flags: flags)
  }

  /// The trace's id alone, 32 hexadecimal digits, as log collectors join on it.
  package var traceIDText: String {
    String(description.dropFirst(3).prefix(32))
  }
}
