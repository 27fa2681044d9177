import ArgumentParser
import Contracts
import ServiceRuntime

/// `groundswell move`: gives partitions of a service to another of its instances.
struct MoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move",
    abstract: "Move partitions from one instance of a service to another, while both run.",
    discussion: """
      The old owner stops writing the partitions, their rows are copied, and the new owner goes on where the old one had \
      come: nothing is lost or done twice, and for that time changes to these programmes are refused as UNAVAILABLE. \
      Whatever interrupts it, the same command goes on; --undo takes back what hasn't arrived.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "ranking, goal-setting or loop-closure.") var service: ServiceProfile
  @Option(name: .long, help: ArgumentHelp("Which of the 64 partitions.", valueName: "16-31,40")) var partitions: String
  @Option(name: .long, help: "The number of the instance that owns them.") var from: Int
  @Option(name: .long, help: "The number of the instance that is to own them.") var to: Int
  @Flag(name: .long, help: "Take the partitions back that are on their way.") var undo = false
  @Option(
    name: .long,
    help: ArgumentHelp("A follower that is gone for good, e.g. warehouse/0; may be repeated.", valueName: "follower")
  )
  var without: [String] = []
  @Option(name: .long, help: "How many seconds the move may take.") var moveSeconds = 300

  func validate() throws {
    guard service.isPartitioned else {
      throw ValidationError("\(service.name) isn't divided by partitions: any of its instances takes anything")
    }
    guard let set = PartitionSet(partitions), !set.isEmpty else {
      throw ValidationError("--partitions takes numbers and ranges below 64, such as 16-31,40")
    }
    guard from != to else { throw ValidationError("--from and --to name the same instance") }
    guard moveSeconds > 0 else { throw ValidationError("--move-seconds is at least 1") }
  }

  func run() async throws {
    try await options.withConnection { connection in
      let move = PartitionMove(
        of: PartitionSet(partitions) ?? .none,
        from: ServiceMember(service: service, instance: from),
        to: ServiceMember(service: service, instance: to),
        in: ConnectedMove(over: connection),
        without: without,
        limit: .seconds(moveSeconds)
      )
      let report =
        undo
        ? try await move.undo()
        : try await move.run { line in if !options.json { complain(line) } }
      try options.output.show(report, asText: \.text)
    }
  }
}
