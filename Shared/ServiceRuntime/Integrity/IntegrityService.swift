import Logging
import ServiceLifecycle

/// Checks the store once the service serves, and from time to time after that.
struct IntegrityService: Service, CustomStringConvertible {
  let integrity: IntegrityGuard
  let state: ServiceState
  /// From the end of one check to the start of the next.
  let interval: Duration
  let clock: ServiceClock
  let logger: Logger

  var description: String { "integrity checks" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await state.wait(until: .serving)
      while !Task.isCancelled, state.phase == .serving {
        do {
          try await integrity.check()
        } catch {
          // A store that is being closed, or busy beyond measure, says nothing about what it holds.
          logger.warning("the store could not be checked; it will be tried again", metadata: ["error": "\(error)"])
        }
        do { try await clock.sleep(interval) } catch { return }
      }
    }
    try await gracefulShutdown()
  }
}
