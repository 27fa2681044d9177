import Contracts
import Messaging
import Operator
import ServiceRuntime
import TestSupport

/// Partitions change hands: the operator's own program, whose calls are lost and repeated, and which is broken off.
extension Simulation {
  private static let patience = Duration.seconds(1)

  /// Begins the operator's move under way, or begins it again.
  func begin(_ mover: SimulatedOperator) async {
    guard !mover.isDone else { return }
    if mover.tries == 0 { statistics.movesBegun += 1 }
    _ = mover.begin(plan.counts, clock)
    await goOn(mover, after: .success(true))
  }

  func goOn(_ step: MoveStep, after outcome: SteppedMove.Outcome) async {
    let mover = operators[step.mover]
    guard mover.attempt == step.attempt, mover.stepNumber == step.number, mover.stepped != nil else { return }
    await goOn(mover, after: outcome)
  }

  private func goOn(_ mover: SimulatedOperator, after outcome: SteppedMove.Outcome) async {
    guard let stepped = mover.stepped else { return }
    switch await stepped.next(after: tampered(outcome)) {
    case .call(let call):
      if chance(faults.interruption) { return breakOff(mover) }
      send(call, nextStep(of: mover))
    case .pause: schedule(.moveGoesOn(nextStep(of: mover), .success(true)), after: .milliseconds(200))
    case .ended(.success(let report)): conclude(mover, report)
    case .ended(.failure(let error)): conclude(mover, error)
    }
  }

  private func nextStep(of mover: SimulatedOperator) -> MoveStep {
    mover.stepNumber += 1
    return MoveStep(mover: mover.index, attempt: mover.attempt, number: mover.stepNumber)
  }

  // MARK: Calls

  private func machine(of member: ServiceMember) -> SimulatedMachine? {
    machines.first { $0.profile == member.service && Int($0.instance) == member.instance }
  }

  private func send(_ call: SteppedMove.Call, _ step: MoveStep) {
    let silence = Fault(.deadlineExceeded, reason: "noAnswer", "Nobody has answered.")
    schedule(.moveGoesOn(step, .failure(silence)), after: Self.patience)
    guard let machine = machine(of: call.member), isReachable(NetworkCut.clients, machine.index) else { return }
    if !chance(faults.loss) { schedule(.moveCall(step, call), after: delay(50...5000)) }
    // What was sent may arrive long after nobody waits for it any more.
    if chance(faults.duplicate) { schedule(.moveCall(step, call), after: delay(50...3_000_000)) }
  }

  func serve(_ call: SteppedMove.Call, _ step: MoveStep) async {
    guard let machine = machine(of: call.member), machine.process != nil, !machine.disk.isDown,
      let client = operatorClients[machine.name]
    else { return }
    let outcome = await call.perform(client)
    await collectCommits(machine)
    guard !machine.disk.isDown, isReachable(NetworkCut.clients, machine.index), !chance(faults.loss) else { return }
    schedule(.moveGoesOn(step, outcome), after: delay(50...5000))
  }

  /// Under sabotage a parcel arrives without a word of what its old owner had read.
  private func tampered(_ outcome: SteppedMove.Outcome) -> SteppedMove.Outcome {
    guard sabotage == .forgetReading, case .success(let value) = outcome, var page = value as? ParcelPage,
      case .object(var reading)? = page.reading
    else { return outcome }
    reading["cursors"] = .array([])
    page.reading = .object(reading)
    return .success(page)
  }

  // MARK: Ends

  /// The operator's program ends in the middle; somebody goes on with the move later, or takes it back.
  private func breakOff(_ mover: SimulatedOperator) {
    statistics.movesInterrupted += 1
    mover.end()
    mover.lastFault = Fault(.cancelled, reason: "brokenOff", "The move was broken off.")
    mover.takesBack = Int.random(in: 0..<3, using: &random) == 0
    schedule(.move(mover.index), after: delay(20_000...1_000_000))
  }

  private func conclude(_ mover: SimulatedOperator, _ report: MoveReport) {
    mover.end()
    mover.lastFault = nil
    if mover.takesBack {
      mover.takesBack = false
      if !report.partitions.isEmpty { statistics.movesTakenBack += 1 }
      // Half of the moves that were taken back are made after all.
      if Bool.random(using: &random) { return schedule(.move(mover.index), after: delay(20_000...500_000)) }
    } else {
      statistics.movesFinished += 1
    }
    proceed(mover)
  }

  private func proceed(_ mover: SimulatedOperator) {
    mover.current += 1
    mover.tries = 0
    if !mover.isDone { schedule(.move(mover.index), after: delay(20_000...1_000_000)) }
  }

  private func conclude(_ mover: SimulatedOperator, _ error: any Error) {
    mover.end()
    let subject = "moving \(mover.moves[mover.current].partitions) of \(mover.service.name)"
    guard let fault = error as? Fault else { return report("\(subject): \(error)") }
    mover.lastFault = fault
    switch fault.reason {
    case "nothingLeft", "partitionElsewhere":
      // It is there already, or the one before it was taken back for good.
      mover.lastFault = nil
      return proceed(mover)
    case "followersMissing":
      // They haven't reported to the new owner yet.
      break
    case "staleMove":
      // What was half taken back can only be taken back, and what was adopted only be finished.
      mover.takesBack.toggle()
    default:
      guard [.unavailable, .deadlineExceeded, .resourceExhausted].contains(fault.code) else {
        return report("\(subject): \(fault)")
      }
    }
    schedule(.move(mover.index), after: delay(50_000...500_000))
  }
}
