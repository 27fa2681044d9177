package import Hummingbird
import Logging
import NIOCore

/// An HTTP application's routes, whatever its context; the runtime gives it a port, starts it and drains it.
package struct HTTPRoutes: Sendable {
  let makeApplication:
    @Sendable (ApplicationConfiguration, Logger, @escaping @Sendable (any Channel) async -> Void) ->
      any ApplicationProtocol

  /// - Parameter router: a `Router`, or anything that answers requests.
  package init<Builder: HTTPResponderBuilder>(_ router: Builder)
  where Builder.Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let responder = router.buildResponder()
    makeApplication = { configuration, logger, onServerRunning in
      Application(
        responder: responder,
        configuration: configuration,
        onServerRunning: onServerRunning,
        logger: logger
      )
    }
  }
}
