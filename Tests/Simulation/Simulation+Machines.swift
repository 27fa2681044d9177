import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Processes: how they start, commit, publish and end.
extension Simulation {
  func start(_ machine: SimulatedMachine) async {
    guard machine.process == nil else { return }
    do {
      try await machine.start()
    } catch {
      // A supervisor would try again; a store that can't be opened again for another reason is what we look for.
      if machine.disk.isDown || error.localizedReason == .diskFull {
        return schedule(.start(machine.index), after: .seconds(1))
      }
      return report("\(machine.name) doesn't start: \(error)")
    }
    guard let process = machine.process else { return }
    machine.publisher = SimulatedPublisher(heads: process.store.heads(), now: now)
    scheduleAnnouncement(machine)
    for number in process.mechanism.timers.indices { scheduleTimer(number, of: machine, process) }
    machine.reporting.begin()
    if hasReports { schedule(.report(machine.index, life: machine.life), after: delay(100_000...2_000_000)) }
    if trims { schedule(.trim(machine.index, life: machine.life), after: delay(100_000...1_500_000)) }
    do {
      try await follow(machine, process)
    } catch {
      report("\(machine.name) can't read its cursors: \(error)")
    }
    for other in machines {
      for subscription in other.subscriptions where subscription.upstream == machine.index && subscription.wantsFeed {
        scheduleFeed(subscription, after: delay(5000...500_000))
      }
    }
  }

  /// Power is off, or the process was killed: whoever was connected finds out in time.
  func crash(_ machine: SimulatedMachine) async {
    for subscription in machine.subscriptions {
      subscription.pull?.read.cancel()
      for other in machines { other.publisher.unsubscribe(subscription.key) }
    }
    machine.subscriptions = []
    for other in machines {
      for subscription in other.subscriptions where subscription.upstream == machine.index {
        subscription.connection += 1
        subscription.pull?.read.cancel()
        if chance(0.8) {
          schedule(.input(subscription.key, life: other.life, .disconnected), after: delay(50...20_000))
        }
      }
    }
    await machine.stop()
    schedule(.start(machine.index), after: delay(20_000...2_000_000))
  }

  // MARK: Commits

  /// Puts on the agenda what the machine's process has committed since.
  func collectCommits(_ machine: SimulatedMachine) async {
    guard let process = machine.process else { return }
    await process.settle()
    if case .failed(let failure) = process.store.health, !machine.disk.isDown { goDown(machine, because: failure) }
    checkCursors(of: machine)
    let frames = process.takeCommits()
    guard !frames.isEmpty else { return }
    schedule(.publish(machine.index, life: machine.life, frames), after: .microseconds(20))
  }

  func publish(_ frames: [RecordFrame], from machine: SimulatedMachine, _ life: Int) {
    guard machine.life == life, machine.process != nil else { return }
    for frame in frames {
      machine.publisher.publish(frame, now)
      send(frame.bytes, of: frame.header.identity.stream, from: machine)
    }
    scheduleAnnouncement(machine)
  }

  func announce(_ machine: SimulatedMachine, _ life: Int) {
    guard machine.life == life, machine.process != nil else { return }
    machine.publisher.announcesAt = nil
    for (head, kind) in machine.publisher.announcements(now) {
      let bytes = head.encoded(as: kind, at: clock.wallTime(of: machine.index))
      send(bytes, of: head.identity.stream, from: machine)
    }
    scheduleAnnouncement(machine)
  }

  func scheduleAnnouncement(_ machine: SimulatedMachine) {
    guard let due = machine.publisher.due, machine.publisher.announcesAt.map({ due < $0 }) ?? true else { return }
    machine.publisher.announcesAt = due
    schedule(.announce(machine.index, life: machine.life), at: due)
  }

  // MARK: Timers

  private func scheduleTimer(_ number: Int, of machine: SimulatedMachine, _ process: SimulatedProcess) {
    let interval = process.mechanism.timers[number].interval
    // Those that look once an hour look every ten seconds here, or would never have looked.
    schedule(.timer(machine.index, life: machine.life, number: number), after: min(interval, .seconds(10)))
  }

  /// What `TimerService` does.
  func fire(_ number: Int, of machine: SimulatedMachine, _ life: Int) async {
    guard machine.life == life, let process = machine.process else { return }
    let timer = process.mechanism.timers[number]
    let time = clock.wallTime(of: machine.index)
    do {
      try await timer.run(on: process.store) { time }
    } catch {
      noteStoreFailure(error, of: machine, during: "timer \(timer.name)")
    }
    await collectCommits(machine)
    guard machine.process != nil, !machine.disk.isDown else { return }
    scheduleTimer(number, of: machine, process)
  }

  /// After a failed sync nobody knows what the disk holds: the machine goes down, and comes up with what there is. A
  /// store that fails for good without one is a finding.
  private func goDown(_ machine: SimulatedMachine, because failure: any Error) {
    guard failingMachines.remove(machine.index) != nil else {
      return report("\(machine.name): its store failed without cause: \(failure)")
    }
    machine.disk.cutPower()
  }

  /// A store that fails has a reason, or it is a finding. One that failed for good needs its process restarted.
  func noteStoreFailure(_ error: any Error, of machine: SimulatedMachine, during what: String) {
    guard !machine.disk.isDown else { return }
    switch (error as? StoreError)?.code {
    case .failed?: goDown(machine, because: error)
    case .diskFull? where fullMachines.contains(machine.index): break
    default: report("\(machine.name), \(what): \(error)")
    }
  }
}

extension Error {
  /// Why a start failed, where it says so.
  fileprivate var localizedReason: StartupFailure.Reason? { (self as? StartupFailure)?.reason }
}
