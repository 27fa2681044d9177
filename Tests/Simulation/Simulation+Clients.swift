import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Requests and replies over a network that loses and repeats both.
extension Simulation {
  private static let patience = Duration.seconds(1)

  /// Sends the errand under way, or sends it again; where nobody has said yet to whom, asks for that first.
  func proceed(_ client: SimulatedClient) {
    guard !client.isDone else { return }
    client.attempts += 1
    let errand = client.errands[client.current]
    let instances = machines.filter { $0.profile == errand.service }
    guard instances.count > 1, let programme = errand.programme else { return send(client, to: instances[0]) }
    let owner = client.owners[errand.service]?.owner(of: Partition(of: programme))
    guard let owner, let machine = instances.first(where: { Int($0.instance) == owner }) else {
      return askForOwners(client, instances)
    }
    send(client, to: machine)
  }

  private func send(_ client: SimulatedClient, to machine: SimulatedMachine) {
    let attempt = attempt(of: client, at: machine)
    schedule(.giveUp(attempt), after: Self.patience)
    guard isReachable(NetworkCut.clients, machine.index) else { return }
    if !chance(faults.loss) { schedule(.request(attempt), after: delay(50...5000)) }
    if chance(faults.duplicate) {
      statistics.repeats += 1
      schedule(.request(attempt), after: delay(50...500_000))
    }
  }

  private func attempt(of client: SimulatedClient, at machine: SimulatedMachine) -> Attempt {
    Attempt(client: client.index, errand: client.current, number: client.attempts, machine: machine.index)
  }

  // MARK: Owners

  /// Asks every instance, as `PartitionRoutes` does; they answer at different times, between which partitions may move.
  private func askForOwners(_ client: SimulatedClient, _ instances: [SimulatedMachine]) {
    client.answers = [:]
    for machine in instances {
      schedule(.ask(attempt(of: client, at: machine)), after: delay(chance(0.8) ? 50...5000 : 5000...300_000))
    }
  }

  /// An instance says what it owns, or doesn't answer.
  func answer(_ attempt: Attempt) {
    let client = clients[attempt.client]
    guard client.current == attempt.errand, client.attempts == attempt.number else { return }
    let (errand, machine) = (client.errands[client.current], machines[attempt.machine])
    let answers = isReachable(NetworkCut.clients, machine.index) && !machine.disk.isDown && !chance(faults.loss)
    client.answers[machine.instance] = .some(answers ? machine.process?.store.ownership.summary : nil)
    let instances = machines.filter { $0.profile == errand.service }
    guard client.answers.count == instances.count, let programme = errand.programme else { return }
    var map = OwnerMap()
    for (instance, ownership) in client.answers { map.add(ownership, of: Int(instance)) }
    client.owners[errand.service] = map
    if let owner = map.owner(of: Partition(of: programme)) { return send(client, to: instances[owner]) }
    // Asked again in a moment, unless it is said that this would be in vain.
    let absence = map.absence(of: Partition(of: programme), in: errand.service)
    if absence.code != .unavailable { report("\(errand.command): \(absence)") }
    statistics.repeats += 1
    schedule(.client(client.index), after: delay(50_000...500_000))
  }

  /// A request has arrived.
  func serve(_ attempt: Attempt) async {
    let client = clients[attempt.client]
    let errand = client.errands[attempt.errand]
    let machine = machines[attempt.machine]
    guard machine.process != nil, !machine.disk.isDown else { return }
    let outcome = await client.invoke(errand, at: machine)
    await collectCommits(machine)
    // Whoever dies of a request doesn't answer it; whether it was done is for the disk to know.
    guard !machine.disk.isDown, isReachable(NetworkCut.clients, machine.index), !chance(faults.loss) else { return }
    schedule(.reply(attempt, doneAt: now, outcome), after: delay(50...5000))
  }

  func settle(_ attempt: Attempt, doneAt: MonotonicInstant, _ outcome: Result<Receipt, Fault>) {
    let client = clients[attempt.client]
    guard client.current == attempt.errand else { return }
    let errand = client.errands[client.current]
    // A reply that is overtaken by a restore says nothing any more: the client asks again.
    guard !wasTakenBack(errand, doneAt: doneAt) else { return }
    switch outcome {
    case .success(let receipt):
      statistics.acknowledgements += 1
      acknowledgements.append(Acknowledgement(errand: errand, receipt: receipt, doneAt: doneAt))
      goOn(client)
    case .failure(let fault) where isCalm && restored != nil && isUnknown(fault):
      // It is about something that this service will not hear of any more: its history isn't the publisher's.
      goOn(client)
    case .failure(let fault):
      if isElsewhere(fault) { client.owners[errand.service] = nil }
      guard isWorthRepeating(fault) || isElsewhere(fault) else { return report("\(errand.command): \(fault)") }
      // The answer to an earlier try says nothing that the one under way will not say.
      guard client.attempts == attempt.number else { return }
      client.attempts += 1
      statistics.repeats += 1
      schedule(.client(client.index), after: delay(50_000...500_000))
    }
  }

  private func goOn(_ client: SimulatedClient) {
    client.current += 1
    client.attempts = 0
    schedule(.client(client.index), after: delay(1000...400_000))
  }

  func repeatIfUnanswered(_ attempt: Attempt) {
    let client = clients[attempt.client]
    guard client.current == attempt.errand, client.attempts == attempt.number else { return }
    statistics.repeats += 1
    proceed(client)
  }

  private func isWorthRepeating(_ fault: Fault) -> Bool {
    switch fault.code {
    case .unavailable, .resourceExhausted, .cancelled, .deadlineExceeded, .unknown: true
    // The directory hasn't come through yet.
    default: isUnknown(fault)
    }
  }

  /// The client has asked somebody who doesn't own the programme, or doesn't any more.
  private func isElsewhere(_ fault: Fault) -> Bool {
    ["partitionMoved", "partitionElsewhere", "partitionMoving"].contains(fault.reason)
  }

  private func isUnknown(_ fault: Fault) -> Bool {
    [.notFound, .invalidArgument].contains(fault.code) && fault.reason.hasPrefix("unknown")
  }
}
