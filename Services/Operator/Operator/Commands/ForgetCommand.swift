import ArgumentParser
import Contracts
import Messaging
import ServiceRuntime

/// `groundswell forget`: a follower that is gone for good holds up trimming no longer.
struct ForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Keep no records any more for a follower that is gone for good.",
    discussion: """
      The service's metric groundswell_follower_lag_records names its followers and says how far behind they are. One \
      that isn't gone reports again within a minute. As long as a service that follows by the allow-list has reported \
      from no instance at all, everything is kept for it, within the bounds that are set.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The service whose records were kept.") var service: ServiceProfile
  @Argument(help: "The follower: service and instance, as ranking/1.") var follower: String

  func run() async throws {
    try await options.withConnection { connection in
      var outcome = FollowerForgotten(streams: [])
      // Each instance keeps its own journal for whoever follows it.
      for member in connection.members(of: [service]) {
        outcome.streams += try await connection.client(of: member)
          .call(OperationsAPI.forgetFollower, ForgetFollower(follower: follower), connection.callSettings())
          .streams.filter { !outcome.streams.contains($0) }
      }
      guard !outcome.streams.isEmpty else {
        throw Fault(
          .notFound,
          reason: "unknownFollower",
          "Nobody called '\(follower)' has told \(service.name) how far it is.",
          field: "follower"
        )
      }
      try options.output.show(outcome) { outcome in
        "\(follower) is forgotten as a follower of \(outcome.streams.map(\.rawValue).joined(separator: ", "))"
      }
    }
  }
}
