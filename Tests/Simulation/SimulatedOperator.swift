import Contracts
import Messaging
import Operator
import ServiceRuntime
import TestSupport

/// Which step of which try of an operator's move.
struct MoveStep: Sendable {
  let mover: Int
  let attempt: Int
  let number: Int
}

/// An operator who has a list of moves made, one after the other, and makes each again until it is done or taken back.
final class SimulatedOperator {
  let index: Int
  let service: ServiceProfile
  let moves: [MovePlan.PlannedMove]
  /// The move under way.
  var current = 0
  /// Counts the tries; what is meant for an earlier one is dropped.
  var attempt = 0
  /// Of the try under way.
  var stepNumber = 0
  var stepped: SteppedMove?
  /// Whether the move is to be taken back rather than gone on with.
  var takesBack = false
  /// How many tries the move under way has had.
  var tries = 0
  /// Why the last try wasn't the last.
  var lastFault: Fault?

  /// How long a try may take, before the operator looks what is the matter.
  private static let limit = Duration.seconds(8)

  init(_ index: Int, _ service: ServiceProfile, _ moves: [MovePlan.PlannedMove]) {
    self.index = index
    self.service = service
    self.moves = moves
  }

  static func all(_ plan: MovePlan) -> [SimulatedOperator] {
    plan.moves.sorted { $0.key.name < $1.key.name }.enumerated().map { SimulatedOperator($0, $1.key, $1.value) }
  }

  var isDone: Bool { current >= moves.count }

  /// A new try of the move under way.
  func begin(_ counts: [ServiceProfile: UInt16], _ clock: VirtualClock) -> SteppedMove {
    end()
    let (planned, service, takesBack) = (moves[current], self.service, self.takesBack)
    attempt += 1
    tries += 1
    stepNumber = 0
    let stepped = SteppedMove(counts, clock) { surroundings in
      let move = PartitionMove(
        of: planned.partitions,
        from: ServiceMember(service: service, instance: planned.from),
        to: ServiceMember(service: service, instance: planned.to),
        in: surroundings,
        limit: SimulatedOperator.limit
      )
      return takesBack ? try await move.undo() : try await move.run { _ in }
    }
    self.stepped = stepped
    return stepped
  }

  /// Gives the try under way up.
  func end() {
    stepped?.cancel()
    stepped = nil
  }
}
