import CoreMetrics
import Logging
import ServiceLifecycle
import ServiceRuntime
import Storage

/// Looks out for channels that have fallen silent, and says so once for each.
struct SilenceWatch: Service {
  let resources: ServiceResources

  /// Silence is counted in days, so nothing is lost by looking a few times an hour.
  private static let interval = Duration.seconds(600)

  func run() async throws {
    let silent = Gauge(label: "groundswell_channels_silent", factory: resources.metrics)
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await look(silent)
        do {
          try await Task.sleep(for: SilenceWatch.interval)
        } catch {
          // The service is stopping.
          return
        }
      }
    }
  }

  private func look(_ gauge: Gauge) async {
    let now = resources.now()
    do {
      let (alarms, silent) = try await resources.store.write {
        try CoverageQueries(database: $0.database).noteSilence(now: now)
      }
      gauge.record(silent)
      for alarm in alarms {
        resources.logger.warning(
          "a channel has fallen silent: nothing has come for longer than its history explains",
          metadata: [
            "programme": "\(alarm.programme)", "channel": "\(alarm.channel)",
            "lastReceivedAt": "\(alarm.lastReceivedAt)",
          ]
        )
      }
    } catch {
      resources.logger.warning("silent channels could not be looked for", metadata: ["error": "\(error)"])
    }
  }
}
