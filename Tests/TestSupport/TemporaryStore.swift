package import Contracts
import Logging
package import Records
package import Storage

/// A configuration for a store in a test: quiet, and small enough to reach its bounds.
package func storeConfiguration(at path: String) -> StoreConfiguration {
  var configuration = StoreConfiguration(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  configuration.readerCount = 2
  return configuration
}

/// Runs `body` with a store in a directory of its own, closes it afterwards and removes it.
/// - Parameter configure: changes the configuration before the store is opened.
package func withTemporaryStore<Value>(
  streams: [StreamName] = [.ingestion],
  migrations: [Migration] = [],
  clock: ManualClock = ManualClock(),
  onCommit: @escaping @Sendable ([RecordFrame]) -> Void = { _ in },
  configure: (inout StoreConfiguration) -> Void = { _ in },
  _ body: (Store) async throws -> Value
) async throws -> Value {
  try await withTemporaryDirectory { directory in
    var configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
    configure(&configuration)
    let store = try Store.open(
      configuration,
      streams: streams,
      migrations: migrations,
      onCommit: onCommit,
      now: { clock.now }
    )
    do {
      let value = try await body(store)
      await store.close()
      return value
    } catch {
      await store.close()
      throw error
    }
  }
}
