import Contracts
import Messaging
import Operator
import Records

/// Everything that can happen at an instant. What names a life is dropped when that process has ended meanwhile.
enum Happening {
  // Machines.
  case start(Int)
  case timer(Int, life: Int, number: Int)
  case publish(Int, life: Int, [RecordFrame])
  case announce(Int, life: Int)
  case trim(Int, life: Int)

  // Subscriptions.
  case live(SubscriptionKey, life: Int, [UInt8])
  case input(SubscriptionKey, life: Int, SimulatedSubscription.Machine.Input)
  case wake(SubscriptionKey, life: Int)
  case commit(SubscriptionKey, life: Int)
  case openFeed(SubscriptionKey, life: Int, connection: Int)
  case pull(SubscriptionKey, life: Int, id: UInt64)
  case report(Int, life: Int)
  case reported(CursorMessage)

  // Clients.
  case client(Int)
  case ask(Attempt)
  case request(Attempt)
  case reply(Attempt, doneAt: MonotonicInstant, Result<Receipt, Fault>)
  case giveUp(Attempt)

  // Moves of partitions.
  case move(Int)
  case moveCall(MoveStep, SteppedMove.Call)
  case moveGoesOn(MoveStep, SteppedMove.Outcome)

  // Trouble.
  case trouble
  case heal(NetworkCut)
  case makeRoom(Int)
  case backUp(Int)
  case restore(Int)
}

extension Happening: CustomStringConvertible {
  /// In words, for whoever follows a history.
  var description: String {
    switch self {
    case .start(let machine): "machine \(machine) starts"
    case .timer(let machine, let life, let number): "timer \(number) of machine \(machine), life \(life)"
    case .publish(let machine, let life, let frames):
      "machine \(machine), life \(life), publishes "
        + frames.map { "\($0.identity) \($0.firstPosition)...\($0.lastPosition)" }.joined(separator: ", ")
    case .announce(let machine, let life): "machine \(machine), life \(life), announces its heads"
    case .trim(let machine, let life): "machine \(machine), life \(life), drops what everyone has"
    case .report(let machine, let life): "machine \(machine), life \(life), tells how far it is"
    case .reported(let message):
      "machine \(message.publisher) hears that machine \(message.follower) has \(message.upstream) up to "
        + message.report.position
    case .live(let key, let life, let bytes): "\(key), life \(life), hears \(bytes.count) bytes"
    case .input(let key, let life, let input): "\(key), life \(life), takes \(input.words)"
    case .wake(let key, let life): "\(key), life \(life), wakes"
    case .commit(let key, let life): "\(key), life \(life), commits"
    case .openFeed(let key, let life, _): "\(key), life \(life), is heard by its publisher"
    case .pull(let key, let life, let id): "\(key), life \(life), reads on in pull \(id)"
    case .client(let client): "client \(client) goes on"
    case .ask(let attempt): "\(attempt) asks for the owner"
    case .request(let attempt): "\(attempt) arrives"
    case .reply(let attempt, _, let outcome): "\(attempt) is answered: \(outcome)"
    case .giveUp(let attempt): "\(attempt) has waited long enough"
    case .move(let mover): "operator \(mover) begins a move"
    case .moveCall(let step, let call): "\(step) arrives at \(call.member.name)"
    case .moveGoesOn(let step, let outcome): "\(step) goes on after \(outcome.words)"
    case .trouble: "trouble"
    case .heal(let partition): "\(partition) heals"
    case .makeRoom(let machine): "machine \(machine) has room again"
    case .backUp(let machine): "machine \(machine) is backed up"
    case .restore(let machine): "machine \(machine) is restored"
    }
  }
}

extension SubscriptionInput<SimulatedFrame> {
  fileprivate var words: String {
    switch self {
    case .liveFrames(let frames): "live frames " + frames.words
    case .liveHead(let head): "the head \(head.identity)/\(head.position)"
    case .pulled(let id, let frames): "of pull \(id) the frames " + frames.words
    case .pullEnded(let id, let head): "the end of pull \(id) at \(head.identity)/\(head.position)"
    default: "\(self)"
    }
  }
}

extension SteppedMove.Outcome {
  fileprivate var words: String {
    switch self {
    case .success: "an answer"
    case .failure(let fault): "\(fault)"
    }
  }
}

extension [SimulatedFrame] {
  fileprivate var words: String { map { "\($0.firstPosition)...\($0.lastPosition)" }.joined(separator: ", ") }
}

extension Simulation {
  func perform(_ happening: Happening) async throws {
    switch happening {
    case .start(let machine): await start(machines[machine])
    case .timer(let machine, let life, let number): await fire(number, of: machines[machine], life)
    case .publish(let machine, let life, let frames): publish(frames, from: machines[machine], life)
    case .announce(let machine, let life): announce(machines[machine], life)
    case .trim(let machine, let life): await trim(machines[machine], life)
    case .report(let machine, let life): await reportCursors(of: machines[machine], life)
    case .reported(let message): await receive(message)
    case .live(let key, let life, let bytes): receive(bytes, key, life)
    case .input(let key, let life, let input): await step(key, life, input)
    case .wake(let key, let life): await wake(key, life)
    case .commit(let key, let life): await commit(key, life)
    case .openFeed(let key, let life, let connection): openFeed(key, life, connection)
    case .pull(let key, let life, let id): await continuePull(key, life, id)
    case .move(let mover): await begin(operators[mover])
    case .moveCall(let step, let call): await serve(call, step)
    case .moveGoesOn(let step, let outcome): await goOn(step, after: outcome)
    case .client(let number): proceed(clients[number])
    case .ask(let attempt): answer(attempt)
    case .request(let attempt): await serve(attempt)
    case .reply(let attempt, let doneAt, let outcome): settle(attempt, doneAt: doneAt, outcome)
    case .giveUp(let attempt): repeatIfUnanswered(attempt)
    case .trouble: await makeTrouble()
    case .heal(let partition): heal(partition)
    case .makeRoom(let machine): makeRoom(machines[machine])
    case .backUp(let machine): try await backUp(machines[machine])
    case .restore(let machine): try await restore(machines[machine])
    }
  }
}
