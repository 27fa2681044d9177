import Contracts
import Messaging
import ServiceRuntime

/// Something that a client wants done, once.
struct Errand: Sendable {
  enum Command: Sendable {
    case setProgramme(SetProgramme)
    case setTeam(SetTeam)
    case setEmployee(SetEmployee)
    case publish(PublishFeedback, ids: [String])
    /// Takes back what was published under these ids.
    case withdraw(PublishFeedback, ids: [String])
    case submitIdea(SubmitIdea)
    case setGoal(SetGoal)
  }

  let requestID: ID<Request>
  let command: Command

  var service: ServiceProfile {
    switch command {
    case .setProgramme, .setTeam, .setEmployee: .gateway
    case .publish, .withdraw: .ingestion
    case .submitIdea: .loopClosure
    case .setGoal: .goalSetting
    }
  }

  /// What it is about, where the service's instances may divide the programmes among them.
  var programme: ID<Programme>? {
    switch command {
    case .submitIdea(let request): request.programme
    case .setGoal(let request): request.programme
    case .setProgramme, .setTeam, .setEmployee, .publish, .withdraw: nil
    }
  }
}

/// What a service acknowledged.
enum Receipt: Hashable, Sendable {
  case directory
  /// The feedback that the events became, by the CloudEvents id that they were sent under.
  case feedback([String: ID<Feedback>])
  case withdrawal([String: ID<Feedback>])
  case idea(ID<Idea>, title: String)
  case goal(ID<Goal>)
}

/// Draws what clients do: a small company that sets up its programmes, hears from customers and has ideas.
struct Workload {
  static let source = "https://shop.example/chat"
  static let programmes = ["northwind", "contoso"]
  static let teams = ["porto", "gdansk"]
  private static let complaints = [
    "My parcel never came and nobody calls back", "The parcel came late and nobody calls back",
    "The app crashes when I pay by card", "Paying by card crashes the app again",
    "Your agent was friendly and solved it at once", "I want to cancel my contract, the invoice is wrong again",
    "The invoice is wrong for the third time", "Waiting for an hour in the queue is not acceptable",
  ]

  private var random: SplitMix64
  private let clock: VirtualClock
  private var count = 0
  private var published: [String] = []
  /// Of what was published, the last.
  private var revisions: [String: Int] = [:]
  /// What the client under way has published and not taken back: only it may revise or withdraw that, because only its
  /// errands come one after the other.
  private var own: [String] = []
  /// Whether customers take back what they said. Whoever applies a journal again after that finds less in it, so it
  /// isn't in every history.
  private let hasWithdrawals: Bool

  init(seed: UInt64, clock: VirtualClock) {
    random = SplitMix64(seed: seed)
    self.clock = clock
    hasWithdrawals = Int.random(in: 0..<3, using: &random) == 0
  }

  /// Another client begins.
  mutating func beginClient() { own = [] }

  /// What has to be there before anything else is taken.
  mutating func directory() -> [Errand] {
    var errands: [Errand] = []
    for id in Self.programmes {
      errands.append(errand(.setProgramme(SetProgramme(value: Programme(id: ID(id), name: id)))))
      for team in Self.teams { errands.append(errand(.setTeam(setTeam(team, in: id)))) }
      let employee = Employee(id: "ana", programme: ID(id), team: ID(Self.teams[0]), name: "Ana")
      errands.append(errand(.setEmployee(SetEmployee(employee: employee))))
    }
    return errands
  }

  /// The next thing that somebody wants.
  mutating func next() -> Errand {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: errand(.setTeam(setTeam(pick(Self.teams), in: pick(Self.programmes))))
    case 1...2: errand(.submitIdea(idea()))
    case 3: errand(.setGoal(goal()))
    default: errand(publication())
    }
  }

  private mutating func errand(_ command: Errand.Command) -> Errand {
    count += 1
    return Errand(requestID: ID("request-\(count)-\(random.next())"), command: command)
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  private mutating func setTeam(_ id: String, in programme: String) -> SetTeam {
    let people = Int.random(in: 3...30, using: &random)
    return SetTeam(
      team: Team(id: ID(id), programme: ID(programme), name: id, people: people, fullTimeEquivalents: Double(people))
    )
  }

  private mutating func idea() -> SubmitIdea {
    SubmitIdea(
      programme: ID(pick(Self.programmes)),
      team: ID(Self.teams[0]),
      author: "ana",
      title: "Idea \(count) \(random.next() % 100_000)",
      text: "Call customers back because \(pick(Self.complaints).lowercased())"
    )
  }

  private mutating func goal() -> SetGoal {
    SetGoal(
      programme: ID(pick(Self.programmes)),
      kind: .known(.suggest),
      behaviour: "Suggest what would help, number \(count)",
      team: ID(Self.teams[0]),
      target: Int.random(in: 1...3, using: &random),
      until: clock.wallTime(of: -1) + .days(7),
      counterMetric: "duplicates"
    )
  }

  private mutating func publication() -> Errand.Command {
    if hasWithdrawals, !own.isEmpty, Int.random(in: 0..<4, using: &random) == 0 { return withdrawal() }
    var events: [JSONValue] = []
    var ids: [String] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard let id = nextID(besides: ids) else { continue }
      ids.append(id)
      events.append(feedback(id, revision: revisions[id, default: 1]))
    }
    return .publish(PublishFeedback(events: events), ids: ids)
  }

  /// New feedback mostly, sometimes what was sent before under the same id, sometimes a new revision of that.
  private mutating func nextID(besides ids: [String]) -> String? {
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where !published.isEmpty:
      let id = pick(published)
      return ids.contains(id) ? nil : id
    case 1 where !own.isEmpty:
      let id = pick(own)
      guard !ids.contains(id) else { return nil }
      revisions[id, default: 1] += 1
      return id
    default:
      let id = "event-\(published.count + 1)"
      published.append(id)
      own.append(id)
      return id
    }
  }

  private mutating func withdrawal() -> Errand.Command {
    let id = pick(own)
    own.removeAll { $0 == id }
    // Who sends it again later sends what it was first: a revision that never arrived is refused from here on.
    revisions[id] = 1
    let event = event(
      .withdrawal,
      id: "withdrawal-of-\(id)",
      [
        "programme": .string(Self.programme(of: id)), "sourceRecordID": .string(id),
        "reason": .string("the customer asked"),
      ]
    )
    return .withdraw(PublishFeedback(events: [event]), ids: [id])
  }

  /// The revision that an event of feedback is.
  static func revision(of event: JSONValue) -> Int {
    guard case .object(let event) = event, case .object(let data)? = event["data"],
      case .integer(let revision)? = data["revision"]
    else { return 1 }
    return Int(revision)
  }

  /// A word that only this feedback has, whatever its revision.
  static func word(of id: String) -> String {
    var own = SplitMix64(seed: id.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    return "zq" + String((0..<10).map { _ in "bcdfghjklmnpqrstvwxz".randomElement(using: &own) ?? "b" })
  }

  private static func generator(of id: String) -> SplitMix64 {
    SplitMix64(seed: id.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
  }

  private static func programme(of id: String) -> String {
    var own = generator(of: id)
    return programmes[Int.random(in: 0..<programmes.count, using: &own)]
  }

  /// Always the same for the same id and revision: who repeats an event repeats it as it was.
  private func feedback(_ id: String, revision: Int) -> JSONValue {
    var own = Self.generator(of: id)
    func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &own)] }
    let programme = pick(Self.programmes)
    for _ in 1..<revision { _ = own.next() }
    var data: [String: JSONValue] = [
      "programme": .string(programme), "channel": .string(pick(["chat", "complaint", "survey"])),
      "team": .string(pick(Self.teams)), "text": .string("\(pick(Self.complaints)) \(Self.word(of: id))"),
      "customer": .string("customer-\(own.next() % 5)"),
    ]
    if own.next() % 3 == 0 {
      data["scores"] = .array([
        .object([
          "kind": .string(ScoreKind.csat.rawValue), "value": .integer(Int64(own.next() % 5 + 1)),
          "minimum": .integer(1),
          "maximum": .integer(5),
        ])
      ])
    }
    if revision > 1 { data["revision"] = .integer(Int64(revision)) }
    return event(.feedback, id: id, data)
  }

  private func event(_ type: IntakeType, id: String, _ data: [String: JSONValue]) -> JSONValue {
    .object([
      "specversion": .string("1.0"), "type": .string(type.rawValue), "source": .string(Self.source), "id": .string(id),
      "data": .object(data),
    ])
  }
}
