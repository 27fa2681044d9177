/// Where the handler of a call with one request and one answer begins (decision 0012).
package enum HandlerPlace: Sendable {
  /// On the socket thread, if its call comes alone: every peer waits for it until it first waits for something itself,
  /// its store, say.
  case socketThread
  /// In the pool, because it computes or blocks before it waits for anything.
  case pool
}
