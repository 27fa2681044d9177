import Contracts
package import Hummingbird
import Messaging
import ServiceLifecycle
package import ServiceRuntime

/// The gateway: programmes, teams and people; the console; the REST API; and live events for browsers.
package enum Gateway {
  package static let definition = ServiceDefinition(.gateway) { _ in blueprint(hub: EventHub()) }

  package static func blueprint(hub: EventHub) -> ServiceBlueprint {
    ServiceBlueprint(
      migrations: GatewaySchema.migrations,
      snapshots: [SnapshotOffer(of: .directory) { DirectorySnapshot() }],
      consumers: LiveConsumers.all(hub),
      calls: answer,
      timers: [ServiceTimer(every: .seconds(15), "keepAlive") { _, _ in hub.keepAlive() }],
      http: { resources in
        let services = ServiceCalls(over: resources.clients)
        let own = OwnRoutes(store: resources.store, services: services, now: resources.now)
        return HTTPRoutes(
          try router(try RouteTable.routes(services, own), hub) { router in
            router.add(middleware: RequestObservation(metrics: resources.metrics))
          }
        )
      },
      background: { _ in [LiveEnding(hub: hub)] }
    )
  }

  /// The HTTP application: console, REST API and its document.
  package static func router(
    _ routes: [Route],
    _ hub: EventHub,
    configure: (Router<BasicRequestContext>) -> Void = { _ in }
  ) throws -> Router<BasicRequestContext> {
    let router = Router()
    configure(router)
    router.add(middleware: ProblemDetails())
    try RESTAPI(routes, hub: hub).mount(on: router)
    try ConsoleFiles().mount(on: router)
    return router
  }

  @Sendable private static func answer(_ calls: inout CallTable) {
    calls.query(DirectoryAPI.directory) { input, context in
      try await context.read { try DirectoryBook.directory(input, $0) }
    }
    calls.command(DirectoryAPI.setProgramme) { input, _, transaction in try DirectoryBook.set(input, transaction) }
    calls.command(DirectoryAPI.setTeam) { input, _, transaction in try DirectoryBook.set(input, transaction) }
    calls.command(DirectoryAPI.setEmployee) { input, _, transaction in try DirectoryBook.set(input, transaction) }
  }
}

/// Ends the live streams when the service stops, so that it need not wait for browsers to leave.
private struct LiveEnding: Service {
  let hub: EventHub

  func run() async throws {
    try await gracefulShutdown()
    hub.stopAll()
  }
}
