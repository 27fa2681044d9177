import Contracts
import Logging
import Messaging
import Records
import ServiceLifecycle
import Storage

/// Tells the publishers that this service follows how far it is, so that they keep what it still needs, and know when
/// everybody has read what they wrote.
///
/// A report that is lost does no harm: the next one comes soon. What hasn't changed is said again less often, as each
/// report is a commit of its publisher's.
struct CursorReporting: Service, CustomStringConvertible {
  let upstreams: UpstreamBoard
  let store: Store
  let clients: ServiceClients
  let clock: ServiceClock
  let logger: Logger

  static let interval = Duration.seconds(2)
  /// Rounds after which also an unchanged position is said again.
  static let longestSilence = 30

  var description: String { "cursor reports" }

  private struct Said {
    var position: UInt64
    var round: Int
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var said: [Ownership.Upstream: Said] = [:]
      var round = 0
      while !Task.isCancelled {
        do { try await clock.sleep(Self.interval) } catch { return }
        round += 1
        do {
          try await report(&said, round)
        } catch is CancellationError {
          return
        } catch {
          logger.debug("cursors could not be reported", metadata: ["error": "\(error)"])
        }
      }
    }
  }

  private func report(_ said: inout [Ownership.Upstream: Said], _ round: Int) async throws {
    for (upstream, cursor) in try await DurableCursors.fetch(of: store, following: upstreams.identities) {
      let position = cursor?.position ?? 0
      if let last = said[upstream], last.position == position, round - last.round < Self.longestSilence { continue }
      if await report(cursor, of: upstream) { said[upstream] = Said(position: position, round: round) }
    }
  }

  /// - Parameter cursor: nil where nothing was read yet.
  /// - Returns: whether the publisher has it.
  private func report(_ cursor: Records.Cursor?, of upstream: Ownership.Upstream) async -> Bool {
    guard let owner = ServiceProfile.owner(of: upstream.stream) else { return true }
    var settings = CallSettings(timeout: .seconds(5))
    settings.retries = false
    let report = CursorReport(of: upstream, by: store.configuration.instance, at: cursor)
    do {
      _ = try await clients[owner, instance: Int(upstream.instance)].call(JournalAPI.reportCursor, report, settings)
      return true
    } catch {
      // The publisher isn't there, or the histories have parted, which the subscription says louder.
      logger.debug("a cursor could not be reported", metadata: ["stream": "\(report.stream)", "fault": "\(error)"])
      return false
    }
  }
}

/// Up to where a store doesn't need what it follows any more, whatever becomes of it and of partitions on their way.
enum DurableCursors {
  /// - Returns: nil for upstreams of which nothing was read yet.
  static func fetch(
    of store: Store,
    following upstreams: [Ownership.Upstream]
  ) async throws -> [(upstream: Ownership.Upstream, cursor: Records.Cursor?)] {
    let (cursors, unsettled) = try await store.read { database in
      (try Records.Cursor.fetchAll(database), try UnsettledReading(reading: database))
    }
    return upstreams.map { upstream in
      let own = cursors.first { Ownership.Upstream($0.identity) == upstream }
      // Of what everyone applies in whole nothing is read again for a partition.
      let isEveryones = EventConsumer.everyones.contains(upstream.stream)
      return (upstream, isEveryones ? own : unsettled.earliest(own, of: upstream))
    }
  }
}

extension CursorReport {
  /// - Parameter cursor: nil where nothing was read yet.
  init(of upstream: Ownership.Upstream, by instance: UInt16, at cursor: Records.Cursor?) {
    self.init(
      stream: upstream.stream,
      instance: upstream.instance,
      followerInstance: instance,
      position: String(cursor?.position ?? 0),
      chain: cursor?.chain.description
    )
  }
}
