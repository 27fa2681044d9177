import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Storage

/// What is served to monitors: `/healthz`, `/readyz` and `/metrics`.
struct AdminRoutes: Sendable {
  let service: String
  let state: ServiceState
  let upstreams: UpstreamBoard
  let registry: PrometheusRegistry
  /// Why the store can't do all that it should.
  let storeProblem: @Sendable () -> StoreError?
  /// Writes to the store and takes it back; throws where the store can't be written.
  let probe: @Sendable () async throws -> Void

  /// The process lives and its store takes writes: if not, restarting is worth an attempt.
  struct Health: Codable {
    var status: String
    var service: String
    var version: String
    var problem: String?
  }

  /// It takes calls and events. Upstreams that are down don't count against it: it catches up when they are back.
  struct Readiness: Codable {
    var status: String
    var service: String
    var phase: String
    /// Sockets that are not bound yet.
    var unbound: [String]
    /// Why the store takes no writes, where it doesn't.
    var problem: String?
    var upstreams: [Upstream]

    struct Upstream: Codable {
      var stream: StreamName
      var instance: UInt16
      var state: Open<UpstreamStatus.State>
      var position: UInt64?
      var head: UInt64?
      var lag: UInt64?
      var problem: String?
    }
  }

  var router: Router<BasicRequestContext> {
    let router = Router()
    router.get("healthz") { _, _ in await health() }
    router.get("readyz") { _, _ in await readiness() }
    router.get("metrics") { _, _ in
      Response(
        status: .ok,
        headers: [.contentType: PrometheusText.contentType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: await registry.text()))
      )
    }
    return router
  }

  private func health() async -> Response {
    do {
      try await probe()
      return json(Health(status: "ok", service: service, version: groundswellVersion), .ok)
    } catch {
      let problem = "the store can't be written: \(error)"
      return json(
        Health(status: "failing", service: service, version: groundswellVersion, problem: problem),
        .serviceUnavailable
      )
    }
  }

  private func readiness() async -> Response {
    let unbound = state.unbound
    if storeProblem()?.code == .diskFull {
      // Who isn't ready is sent nothing to write, so nothing else would find out that there is room again.
      do { try await probe() } catch { /* The problem that is still there is reported below. */  }
    }
    let problem = storeProblem()
    let isReady = state.phase == .serving && unbound.isEmpty && problem == nil
    let body = Readiness(
      status: isReady ? "ready" : "notReady",
      service: service,
      phase: state.phase.rawValue,
      unbound: unbound.map(\.rawValue),
      problem: problem?.message,
      upstreams: upstreams.all.map {
        Readiness.Upstream(
          stream: $0.stream,
          instance: $0.instance,
          state: $0.state,
          position: $0.position,
          head: $0.head,
          lag: $0.lag,
          problem: $0.problem
        )
      }
    )
    return json(body, isReady ? .ok : .serviceUnavailable)
  }

  private func json(_ body: some Encodable, _ status: HTTPResponse.Status) -> Response {
    do {
      return Response(
        status: status,
        headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try MessageCoding.encode(body)))
      )
    } catch {
      return Response(status: .internalServerError)
    }
  }
}
