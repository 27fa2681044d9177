import Contracts
import CoreMetrics
import Logging
import Messaging
import ServiceLifecycle
import Storage

/// Runs a timer until the service stops.
struct TimerService: Service, CustomStringConvertible {
  let timer: ServiceTimer
  let store: Store
  let clock: ServiceClock
  let logger: Logger
  let metrics: any MetricsFactory

  var description: String { "timer \(timer.name)" }

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          try await clock.sleep(timer.interval)
        } catch is CancellationError {
          return
        }
        await fire()
      }
    }
  }

  private func fire() async {
    let start = ContinuousClock.now
    var outcome = "done"
    do {
      try await timer.run(on: store, now: clock.now)
    } catch is CancellationError {
      return
    } catch {
      outcome = "failed"
      logger.error("a timer failed; it will run again", metadata: ["timer": "\(timer.name)", "error": "\(error)"])
    }
    let labels = [("timer", timer.name), ("outcome", outcome)]
    Timer(label: "groundswell_timer_duration", dimensions: labels, factory: metrics)
      .recordNanoseconds((ContinuousClock.now - start).wholeNanoseconds)
  }
}
