import ArgumentParser

/// `groundswell-bench`: what the product's own bus, calls and services reach on this machine.
@main
struct GroundswellBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "groundswell-bench",
    abstract: "Measures Groundswell's bus, calls, replay, pipeline and recovery.",
    subcommands: [
      BusCommand.self, CallsCommand.self, ReplayCommand.self, GrowthCommand.self, PipelineCommand.self,
      KillCommand.self, StuckCommand.self, BusConsumerCommand.self, CallsServerCommand.self, KillPublisherCommand.self,
      KillConsumerCommand.self,
    ]
  )
}

/// What every measurement takes.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object for each measurement.")
  var json = false
}
