import Contracts
import Logging
import Messaging
import Records
import ServiceLifecycle
import Storage

/// Tells the publishers that this service follows how far it is, so that they keep what it still needs.
///
/// A report is only about what may be trimmed, so one that is lost does no harm: the next one comes soon.
struct CursorReporting: Service, CustomStringConvertible {
  let instance: UInt16
  let store: Store
  let clients: ServiceClients
  let clock: ServiceClock
  let logger: Logger

  static let interval = Duration.seconds(10)

  var description: String { "cursor reports" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do { try await clock.sleep(Self.interval) } catch { return }
        do {
          try await report()
        } catch is CancellationError {
          return
        } catch {
          logger.debug("cursors could not be reported", metadata: ["error": "\(error)"])
        }
      }
    }
  }

  private func report() async throws {
    for cursor in try await store.read({ try Records.Cursor.fetchAll($0) }) {
      guard let owner = ServiceProfile.owner(of: cursor.identity.stream) else { continue }
      var settings = CallSettings(timeout: .seconds(5))
      settings.retries = false
      let report = CursorReport(
        stream: cursor.identity.stream,
        instance: cursor.identity.instance,
        followerInstance: instance,
        position: String(cursor.position),
        chain: cursor.chain.description
      )
      do {
        let client = try clients[owner, instance: Int(cursor.identity.instance)]
        _ = try await client.call(JournalAPI.reportCursor, report, settings)
      } catch {
        // The publisher isn't there, or the histories have parted, which the subscription says louder.
        logger.debug("a cursor could not be reported", metadata: ["stream": "\(report.stream)", "fault": "\(error)"])
      }
    }
  }
}
