package import Messaging
import ServiceContextModule

extension CallSettings {
  /// For calls made while handling a call, a request or an event: what they cause belongs to the same trace.
  /// - Parameter timeout: how long to wait, retries included; nil for ever.
  package static func inCurrentTrace(timeout: Duration? = .seconds(10)) -> CallSettings {
    var settings = CallSettings(timeout: timeout)
    settings.trace = ServiceContext.current?.trace
    return settings
  }
}
