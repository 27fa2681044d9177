import Logging
import ServiceLifecycle
import Storage

/// Trims the journals from time to time, as long as the service runs.
struct RetentionService: Service, CustomStringConvertible {
  let retention: JournalRetention
  let clock: ServiceClock
  let logger: Logger

  /// From the end of one run to the start of the next.
  static let interval = Duration.seconds(60)

  var description: String { "retention" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var sizes = JournalSizes()
      while !Task.isCancelled {
        do { try await clock.sleep(Self.interval) } catch { return }
        do {
          try await retention.trim(&sizes)
        } catch is CancellationError {
          return
        } catch {
          logger.error("journals could not be trimmed; it will be tried again", metadata: ["error": "\(error)"])
        }
      }
    }
  }
}
