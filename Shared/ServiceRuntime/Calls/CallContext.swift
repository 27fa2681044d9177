package import Contracts
package import GRDB
package import GRPCCore
package import Storage

/// What a handler knows about the call that it answers, beside its input.
package struct CallContext: Sendable {
  package let method: MethodName
  /// On whose behalf the call is made; a program named `anonymous` where the caller did not say.
  package let principal: Principal
  /// Under which the call is done at most once. Commands always have it.
  package let requestID: ID<Request>?
  /// When the caller stops waiting; nil where it did not say.
  package let deadline: ContinuousClock.Instant?
  package let trace: TraceContext
  /// Where the call came from, as the transport describes it.
  package let peer: String
  /// When the call arrived, by the service's clock.
  package let time: Timestamp
  package let metadata: Metadata
  package let store: Store
  /// The streams that the store writes.
  let streams: [StreamName]

  /// Reads from the store, beside its writer. The view is one moment's, and nothing can be changed through it.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await store.read(body)
  }
}
