import ServiceRuntime

/// What one HTTP request may carry, and how many are taken at a time.
package struct IntakeLimits: Sendable {
  package var bodyBytes: Int
  package var batchEvents: Int
  package var requests: Int

  package init(bodyBytes: Int, batchEvents: Int, requests: Int) {
    self.bodyBytes = bodyBytes
    self.batchEvents = batchEvents
    self.requests = requests
  }

  static let bodyBytesSetting = Setting<Int>.integer(
    "intake-body-bytes",
    default: 1 << 20,
    in: 1024...(16 << 20),
    "The largest body that the HTTP intake takes."
  )
  static let batchEventsSetting = Setting<Int>.integer(
    "intake-batch-events",
    default: 100,
    in: 1...10_000,
    "The most CloudEvents in one batch over HTTP."
  )
  static let requestsSetting = Setting<Int>.integer(
    "intake-requests",
    default: 128,
    in: 1...10_000,
    "Requests that the HTTP intake works on at a time; further ones are told to come back."
  )

  init(_ settings: Settings) {
    self.init(
      bodyBytes: settings[IntakeLimits.bodyBytesSetting],
      batchEvents: settings[IntakeLimits.batchEventsSetting],
      requests: settings[IntakeLimits.requestsSetting]
    )
  }
}
