package import Contracts
import Foundation
import Messaging
import ServiceRuntime
package import Storage

/// What the gateway answers itself, out of its own store or by asking everyone.
package struct OwnRoutes: Sendable {
  let store: Store
  let services: ServiceCalls
  let now: @Sendable () -> Timestamp
  let startedAt: Timestamp

  package init(store: Store, services: ServiceCalls, now: @escaping @Sendable () -> Timestamp) {
    self.store = store
    self.services = services
    self.now = now
    startedAt = now()
  }

  func directory() throws -> [Route] {
    [
      try .own(
        .get,
        "/programmes",
        .directory,
        "programmes",
        "All programmes with their teams and people."
      ) { (_: Nothing, _) in
        (try await store.read { try DirectoryBook.directory(DirectoryRequest(), $0) }, [])
      },
      try .own(
        .get,
        "/programmes/{programme}",
        .directory,
        "directory",
        "A programme with its teams and people."
      ) { (request: DirectoryRequest, _) in
        (try await store.read { try DirectoryBook.directory(request, $0) }, [])
      },
      try .own(
        .put,
        "/programmes/{id}",
        .directory,
        "setProgramme",
        "Create a programme, or change it.",
        wrapper: "value"
      ) { (request: SetProgramme, call) in
        try await change(call, DirectoryAPI.setProgramme.name) { try DirectoryBook.set(request, $0) }
      },
      try .own(
        .put,
        "/programmes/{programme}/teams/{id}",
        .directory,
        "setTeam",
        "Create a team, or change it.",
        wrapper: "team"
      ) { (request: SetTeam, call) in
        try await change(call, DirectoryAPI.setTeam.name) { try DirectoryBook.set(request, $0) }
      },
      try .own(
        .put,
        "/programmes/{programme}/employees/{id}",
        .directory,
        "setEmployee",
        "Note that somebody joined, moved or changed hours.",
        wrapper: "employee"
      ) { (request: SetEmployee, call) in
        try await change(call, DirectoryAPI.setEmployee.name) { try DirectoryBook.set(request, $0) }
      },
    ]
  }

  func feedback(_ services: ServiceCalls) throws -> [Route] {
    let base = "/programmes/{programme}"
    let door = FeedbackDoor(services: services, now: now)
    return [
      try .own(
        .post,
        "\(base)/feedback",
        .feedback,
        "submitFeedback",
        "Send one piece of feedback. The Idempotency-Key is its id in the source."
      ) { (submission: FeedbackSubmission, call) in try await door.take(submission, call) },
      try .own(
        .post,
        "\(base)/field-notes",
        .feedback,
        "submitFieldNote",
        "Write down what a customer told you."
      ) { (note: FieldNote, call) in try await door.take(note.submission, call) },
      try .own(
        .post,
        "\(base)/adaptations",
        .feedback,
        "submitAdaptation",
        "Write down what you did differently for a customer, and what came of it."
      ) { (adaptation: AdaptationNote, call) in try await door.take(adaptation.submission, call) },
    ]
  }

  func operations() throws -> [Route] {
    [
      try .own(
        .get,
        "/programmes/{programme}/scores",
        .scores,
        "scores",
        "Scores by week. They are a thermometer: no rank and no goal comes from them."
      ) { (request: ScoresRequest, _) in
        let time = now()
        return (
          try await store.read { database in
            let directory = DirectoryRows(database: database)
            try DirectoryBook.checkProgramme(request.programme, directory)
            return try ScoreRows(database: database).report(of: request.programme, at: time)
          }, []
        )
      },
      try .own(.get, "/health", .operations, "health", "How each service is doing.") { (_: Nothing, call) in
        (await HealthRoll(services: services, store: store, now: now, startedAt: startedAt).call(call), [])
      },
      Route(
        verb: .get,
        path: "/stream",
        area: .operations,
        summary: "Live events, as server-sent events.",
        operationID: "stream",
        input: try RouteInput(StreamRequest.self, in: "/stream", hasBody: false),
        output: ["type": "string"],
        outputName: "EventStream",
        isCommand: false,
        answer: .events
      ),
    ]
  }

  /// Changes the gateway's own store, once per request id.
  private func change<Output: Codable & Sendable>(
    _ call: RouteCall,
    _ method: MethodName,
    _ work: @escaping @Sendable (Transaction) throws -> Output
  ) async throws -> (Output, positions: [String]) {
    // Apart from the ids of calls that come over the bus, whose answers are kept in another form.
    let id = ID<Request>("http/\(method)/\(call.requestID)")
    let recorded: RecordedAnswer<Output> = try await store.write { transaction in
      if let bytes = try transaction.recordedResponse(to: id) {
        return try MessageCoding.decode(RecordedAnswer<Output>.self, from: bytes)
      }
      let before = try transaction.lastPosition(of: .directory)
      let output = try work(transaction)
      let last = try transaction.lastPosition(of: .directory)
      let position = StreamPosition(try transaction.identity(of: .directory), last)
      let answer = RecordedAnswer(output: output, positions: last > before ? [position.description] : [])
      try transaction.recordResponse(MessageCoding.encode(answer), to: id)
      return answer
    }
    return (recorded.output, recorded.positions)
  }
}

/// What a repeat of a request is answered with.
private struct RecordedAnswer<Output: Codable & Sendable>: Codable, Sendable {
  let output: Output
  let positions: [String]
}

/// A request without any fields.
struct Nothing: Codable, Sendable {}

struct ScoresRequest: Codable, Sendable {
  var programme: ID<Programme>
}

/// Which live events to send.
struct StreamRequest: Codable, Sendable {
  var programme: ID<Programme>
  /// Event types, or the part before a dot with `*` behind it, e.g. `opportunity.*`; everything but scores where it
  /// isn't given.
  var types: [String]?
}
