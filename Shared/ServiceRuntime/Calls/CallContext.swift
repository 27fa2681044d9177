package import Contracts
package import GRDB
package import Messaging
package import Storage

/// What a handler knows about the call that it answers, beside its input.
package struct CallContext: Sendable {
  package let method: MethodName
  /// On whose behalf the call is made; a program named `anonymous` where the caller did not say.
  package let principal: Principal
  /// Under which the call is done at most once. Commands always have it.
  package let requestID: ID<Request>?
  /// When the caller stops waiting, and the handler's task is cancelled; nil where that is never.
  package let deadline: MonotonicInstant?
  /// The trace that this call belongs to, with the call itself as parent: for what it causes.
  package let trace: TraceContext
  /// Where the call came from, as the transport describes it.
  package let peer: String
  /// When the call arrived, by the service's clock.
  package let time: Timestamp
  package let store: Store

  /// Reads from the store, beside its writer. The view is one moment's, and nothing can be changed through it.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await store.read(body)
  }
}
