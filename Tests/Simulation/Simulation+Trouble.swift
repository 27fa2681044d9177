import Contracts
import Messaging
import Storage
import TestSupport

/// What goes wrong, and how it ends.
extension Simulation {
  func makeTrouble() async {
    guard !isCalm else { return }
    schedule(.trouble, after: delay(20_000...180_000))
    if chance(faults.disconnect) { disconnectSomebody() }
    if chance(faults.partition) { partitionSomebody() }
    if chance(faults.kill), let machine = somebodyRunning() {
      statistics.kills += 1
      machine.disk.kill()
    }
    if chance(faults.powerCut), let machine = somebodyRunning() {
      statistics.powerCuts += 1
      machine.disk.cutPower()
    }
    if chance(faults.powerCutWhileWriting), let machine = somebodyRunning() {
      statistics.powerCuts += 1
      machine.disk.cutPower(afterOperations: Int.random(in: 0...40, using: &random))
    }
    if chance(faults.failedSync), let machine = somebodyRunning() {
      statistics.failedSyncs += 1
      failingMachines.insert(machine.index)
      machine.disk.failSyncs(1)
    }
    if chance(faults.fullDisk), let machine = somebodyRunning() { fill(machine) }
    if chance(faults.integrityCheck), let machine = somebodyRunning() { await check(machine) }
    if chance(faults.clockJump) {
      statistics.clockJumps += 1
      let furthest = Bool.random(using: &random) ? 5 : 40_000
      let error = Duration.seconds(Int.random(in: -furthest...furthest, using: &random))
      clock.setError(error, of: Int.random(in: machines.indices, using: &random))
    }
  }

  /// From now on nothing new goes wrong, and what was wrong is mended. Wrong clocks stay wrong.
  func endTrouble() {
    guard faults.isAny || !partitions.isEmpty || !fullMachines.isEmpty else { return }
    faults = .none
    partitions = []
    for machine in machines {
      makeRoom(machine)
      machine.disk.calm()
    }
  }

  private func somebodyRunning() -> SimulatedMachine? {
    let running = machines.filter { $0.process != nil && !$0.disk.isDown }
    return running.isEmpty ? nil : running[Int.random(in: running.indices, using: &random)]
  }

  /// A sound store is found to be sound, whatever else goes on.
  private func check(_ machine: SimulatedMachine) async {
    guard let process = machine.process else { return }
    statistics.integrityChecks += 1
    do {
      let problems = try await process.store.verify().problems
      // What can't be read because the power is off says nothing.
      if !machine.disk.isDown, !problems.isEmpty { report("\(machine.name) is found damaged: \(problems)") }
    } catch {
      noteStoreFailure(error, of: machine, during: "its check")
    }
    await collectCommits(machine)
  }

  // MARK: The network

  private func disconnectSomebody() {
    let subscriptions = machines.flatMap(\.subscriptions)
    guard !subscriptions.isEmpty else { return }
    disconnect(subscriptions[Int.random(in: subscriptions.indices, using: &random)])
  }

  private func disconnect(_ subscription: SimulatedSubscription) {
    subscription.connection += 1
    machines[subscription.upstream].publisher.unsubscribe(subscription.key)
    let life = machines[subscription.key.machine].life
    schedule(.input(subscription.key, life: life, .disconnected), after: delay(50...5000))
    if subscription.wantsFeed { scheduleFeed(subscription, after: delay(5000...800_000)) }
  }

  private func partitionSomebody() {
    statistics.partitions += 1
    let one = Int.random(in: NetworkCut.clients..<machines.count, using: &random)
    let others = (NetworkCut.clients..<machines.count).filter { $0 != one }
    let partition = NetworkCut(one, others[Int.random(in: others.indices, using: &random)])
    partitions.insert(partition)
    schedule(.heal(partition), after: delay(100_000...4_000_000))
  }

  func heal(_ partition: NetworkCut) {
    guard partitions.remove(partition) != nil else { return }
    for machine in machines {
      for subscription in machine.subscriptions
      where NetworkCut(machine.index, subscription.upstream) == partition && chance(0.5) {
        disconnect(subscription)
      }
    }
  }

  // MARK: Disks

  private func fill(_ machine: SimulatedMachine) {
    statistics.fullDisks += 1
    fullMachines.insert(machine.index)
    machine.disk.setFull(true)
    schedule(.makeRoom(machine.index), after: delay(200_000...2_000_000))
  }

  func makeRoom(_ machine: SimulatedMachine) {
    fullMachines.remove(machine.index)
    machine.disk.setFull(false)
  }

  // MARK: Backups

  /// Chooses whose store goes back in time, and when.
  func planRestore() {
    let machine = Int.random(in: machines.indices, using: &random)
    schedule(.backUp(machine), after: delay(300_000...1_500_000))
  }

  func backUp(_ machine: SimulatedMachine) async throws {
    guard !isCalm else { return }
    guard let process = machine.process, !machine.disk.isDown else {
      return schedule(.backUp(machine.index), after: .milliseconds(50))
    }
    try await process.store.backUp(to: backupPath)
    machine.backup = SimulatedMachine.Backup(path: backupPath, heads: process.store.heads(), madeAt: now)
    schedule(.restore(machine.index), after: delay(200_000...3_000_000))
  }

  /// The store of today is lost; the one of the backup takes its place.
  func restore(_ machine: SimulatedMachine) async throws {
    guard !isCalm, let backup = machine.backup else { return }
    statistics.restores += 1
    if machine.process != nil {
      machine.disk.kill()
      await crash(machine)
    }
    try machine.restore(from: backup)
    restored = machine.index
    restoredAt = now
    // Whoever puts a backup back knows since when, and has done again what came after it.
    var lost: [Errand] = []
    for index in acknowledgements.indices {
      let acknowledgement = acknowledgements[index]
      guard wasTakenBack(acknowledgement.errand, doneAt: acknowledgement.doneAt) else { continue }
      acknowledgements[index].isVoid = true
      lost.append(acknowledgement.errand)
    }
    guard let operatorClient = clients.last, !lost.isEmpty else { return }
    operatorClient.add(lost)
    schedule(.client(operatorClient.index), after: .milliseconds(500))
  }

  /// Whether something was done between the backup and the restore.
  func wasTakenBack(_ errand: Errand, doneAt: MonotonicInstant) -> Bool {
    guard let restored, let restoredAt, machines[restored].profile == errand.service,
      let backup = machines[restored].backup
    else { return false }
    return doneAt > backup.madeAt && doneAt < restoredAt
  }
}
