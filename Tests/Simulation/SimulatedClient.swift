import Contracts
import Messaging
import ServiceRuntime
import TestSupport

/// One try of a client to have an errand done.
struct Attempt: Sendable {
  let client: Int
  /// Which of the client's errands.
  let errand: Int
  let number: Int
  /// Where it goes.
  let machine: Int
}

/// What was acknowledged, and when it had been done.
struct Acknowledgement: Sendable {
  let errand: Errand
  let receipt: Receipt
  let doneAt: MonotonicInstant
  /// Whether a restore from an older backup has taken it back.
  var isVoid = false
}

/// A client with a list of errands, one under way at a time. It repeats each until it is acknowledged.
final class SimulatedClient {
  private static let count = 3
  private static let errandsOfEach = 7

  let index: Int
  private(set) var errands: [Errand]
  /// The errand under way.
  var current = 0
  var attempts = 0
  /// Who owns which partition of services that are divided, as far as the client knows.
  var owners: [ServiceProfile: OwnerMap] = [:]
  /// What the instances have said so far that the client is asking, by their numbers; nil for those that don't answer.
  var answers: [UInt16: [PartitionOwnership]?] = [:]
  /// By the names of machines.
  private let services: [String: CallClient]
  private let tasks: [Task<Void, any Error>]

  /// The last of them is an operator, who has nothing to do until something was restored.
  static func all(
    of machines: [SimulatedMachine],
    seed: UInt64,
    clock: VirtualClock,
    hub: InMemoryHub
  ) throws -> [SimulatedClient] {
    let names = machines.map(\.name)
    var workload = Workload(seed: seed, clock: clock)
    let clients = try (0..<count).map { index in
      workload.beginClient()
      var errands = index == 0 ? workload.directory() : []
      for _ in 0..<errandsOfEach { errands.append(workload.next()) }
      return try SimulatedClient(index, errands, of: names, hub)
    }
    let operatorClient = try SimulatedClient(count, [], of: names, hub)
    return clients + [operatorClient]
  }

  func add(_ more: [Errand]) {
    errands += more
  }

  private init(_ index: Int, _ errands: [Errand], of names: [String], _ hub: InMemoryHub) throws {
    self.index = index
    self.errands = errands
    var services: [String: CallClient] = [:]
    for name in names {
      services[name] = try hub.client(of: name, as: Principal(role: .ops, name: "client-\(index)"))
    }
    self.services = services
    tasks = services.values.map { client in Task { try await client.run() } }
  }

  var isDone: Bool { current >= errands.count }

  func end() {
    for task in tasks { task.cancel() }
  }

  /// Has an instance of the service do it, and waits for the answer.
  func invoke(_ errand: Errand, at machine: SimulatedMachine) async -> Result<Receipt, Fault> {
    guard let service = services[machine.name] else { preconditionFailure("every machine has a client") }
    var settings = CallSettings(timeout: nil)
    settings.requestID = errand.requestID
    settings.retries = false
    do throws(Fault) {
      return .success(try await call(errand.command, service, settings))
    } catch {
      return .failure(error)
    }
  }

  private func call(
    _ command: Errand.Command,
    _ service: CallClient,
    _ settings: CallSettings
  ) async throws(Fault) -> Receipt {
    switch command {
    case .setProgramme(let request): _ = try await service.call(DirectoryAPI.setProgramme, request, settings)
    case .setTeam(let request): _ = try await service.call(DirectoryAPI.setTeam, request, settings)
    case .setEmployee(let request): _ = try await service.call(DirectoryAPI.setEmployee, request, settings)
    case .publish(let request, let ids): return .feedback(try await publish(request, ids, service, settings))
    case .withdraw(let request, let ids): return .withdrawal(try await publish(request, ids, service, settings))
    case .submitIdea(let request):
      let submitted = try await service.call(LoopClosureAPI.submitIdea, request, settings)
      return .idea(submitted.idea.id, title: request.title)
    case .setGoal(let request):
      return .goal(try await service.call(GoalSettingAPI.setGoal, request, settings).id)
    }
    return .directory
  }

  private func publish(
    _ request: PublishFeedback,
    _ ids: [String],
    _ service: CallClient,
    _ settings: CallSettings
  ) async throws(Fault) -> [String: ID<Feedback>] {
    let receipt = try await service.call(IngestionAPI.publish, request, settings)
    var feedback: [String: ID<Feedback>] = [:]
    for (id, result) in zip(ids, receipt.results) { feedback[id] = result.feedback }
    // All of a request are taken or none, and every event has an answer.
    guard feedback.count == ids.count, receipt.results.count == ids.count else {
      throw Fault(.internal, reason: "simulation.receipt", "of \(ids) only \(receipt.results) were answered for")
    }
    return feedback
  }
}
