import Contracts
import HTTPTypes
import Hummingbird
import Logging
import ServiceContextModule
import ServiceRuntime
import Storage

/// The door for everyone else: CloudEvents over HTTP, in each of the three content modes of its binding.
struct HTTPIntake: Sendable {
  let desk: IntakeDesk
  let limits: IntakeLimits
  let resources: ServiceResources
  private let gate: IntakeGate

  init(desk: IntakeDesk, limits: IntakeLimits, resources: ServiceResources) {
    self.desk = desk
    self.limits = limits
    self.resources = resources
    gate = IntakeGate(capacity: limits.requests)
  }

  var routes: HTTPRoutes {
    let router = Router()
    router.add(middleware: RequestObservation(metrics: resources.metrics))
    router.add(middleware: ProblemDetails())
    router.post("v1/events") { request, _ in await answer(request) }
    router.get("v1/events") { _, _ in try IntakeDescription(limits).response }
    return HTTPRoutes(router)
  }

  private func answer(_ request: Request) async -> Response {
    do {
      return try await gate.pass { try await take(request) }
    } catch {
      let problem = IntakeProblem(error)
      if problem.isOurs { resources.logger.error("an event could not be taken", metadata: ["error": "\(error)"]) }
      return problem.response
    }
  }

  private func take(_ request: Request) async throws -> Response {
    let form = try ContentForm(of: request)
    let body = try await body(of: request)
    let events = try form.events(in: body, atMost: limits.batchEvents)
    let results = try await desk.takeAll(
      events,
      into: resources.store,
      receivedAt: resources.now(),
      trace: ServiceContext.current?.trace
    )
    // All of it was here before: nothing was accepted just now, which is as good an answer.
    let isRepeat = !results.isEmpty && results.allSatisfy { $0.outcome == .duplicate }
    return try Response(json: PublishReceipt(results: results), status: isRepeat ? .ok : .accepted)
  }

  private func body(of request: Request) async throws -> [UInt8] {
    let limit = limits.bodyBytes
    let tooLarge = IntakeProblem.Cause.tooLarge(
      "A body has at most \(limit) bytes here. Send fewer events at a time."
    )
    if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge }
    let body = request.body
    return try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask {
        do {
          return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
          throw tooLarge
        }
      }
      // A sender that dawdles holds a place that others wait for.
      group.addTask {
        try await Task.sleep(for: HTTPIntake.longestBody)
        throw IntakeProblem.Cause.tooSlow("The body was not here within \(HTTPIntake.longestBody).")
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
  }

  /// How long a sender may take for a body.
  private static let longestBody = Duration.seconds(30)
}

extension Response {
  /// Something as JSON.
  init(json value: some Encodable, status: HTTPResponse.Status, type: String = "application/json") throws {
    self.init(
      status: status,
      headers: [.contentType: type],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try MessageCoding.encode(value)))
    )
  }
}
