package import Contracts
import Logging
import Storage

/// What `--restore` prints, as one JSON object.
package struct RestoreReceipt: Codable, Hashable, Sendable {
  package var service: String
  package var store: String
  /// Where the store that was there before is kept; missing where there was none.
  package var replaced: String?
  /// Where the restored journals end, in their new epochs.
  package var heads: [StreamHead]
}

extension ServiceDefinition {
  /// Puts a backup in the place of the stopped service's store.
  /// - Returns: a `RestoreReceipt` as JSON.
  func restore(
    from backup: String,
    _ settings: Settings,
    logger: Logger,
    now: Timestamp
  ) throws(StartupFailure) -> String {
    do {
      guard case .flag = settings.origin(of: StandardSettings.restore.declaration) else {
        throw StartupFailure(.usage, "--restore is done once, so it can't stand in the environment or in a file.")
      }
      let store = ServiceAssembly.storeConfiguration(profile, settings, logger, PrometheusRegistry())
      let outcome = try Store.restore(
        from: backup,
        over: store.path,
        expecting: StoreExpectation(
          streams: profile.streams,
          instance: store.instance,
          migrations: try makeBlueprint(settings).migrations
        ),
        now: now
      )
      let receipt = RestoreReceipt(
        service: profile.name,
        store: store.path,
        replaced: outcome.replaced,
        heads: outcome.heads.map { StreamHead($0) }
      )
      return String(decoding: try MessageCoding.encode(receipt), as: UTF8.self)
    } catch {
      throw StartupFailure(error)
    }
  }
}
