import Contracts
import Foundation
import ServiceRuntime

/// Waits for what a supervisor has started to serve, or finds out what keeps it from that.
struct StartWatch: Sendable {
  let folder: RunFolder
  /// The supervisor's process.
  let supervisor: pid_t
  let readiness: Readiness
  let addresses: AddressCheck

  /// Returns once every service serves or has given up, or the time is over.
  /// - Returns: what is in the way; empty when everything serves.
  func obstacles(within limit: Duration) async throws -> [Obstacle] {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      guard folder.supervisor == supervisor else { return [.supervisor("it has ended", folder)] }
      let standings = try await standings()
      let waiting = standings.filter { $0.state == .waiting }
      let isOver = clock.now >= start + limit
      if waiting.isEmpty || isOver {
        return standings.filter { $0.state != .serving }.map { obstacle($0, after: limit) }
      }
      try await clock.sleep(for: .milliseconds(50))
    }
  }

  private struct Standing {
    enum State { case serving, waiting, failed }
    var service: String
    var state: State
    var run: SupervisionReport.Run?
    /// Who answers at the service's address, where that isn't the process that the supervisor has started.
    var stranger: Int32?
  }

  private func standings() async throws -> [Standing] {
    let report = try folder.report()
    var standings: [Standing] = []
    for service in ServiceProfile.all {
      var standing = Standing(service: service.name, state: .waiting, run: report?.services[service.name])
      switch standing.run?.state {
      case .failed: standing.state = .failed
      case .running:
        // Only the answer of the very process counts: another instance may answer at the same address.
        let status = await readiness.status(of: service)
        if let status, status.processID == standing.run?.processID {
          standing.state = status.isAccepting ? .serving : .waiting
        } else {
          standing.stranger = status?.processID
        }
      case .restarting, nil: break
      }
      standings.append(standing)
    }
    return standings
  }

  private func obstacle(_ standing: Standing, after limit: Duration) -> Obstacle {
    let log = "see \(folder.log(of: standing.service).path)"
    guard standing.state == .failed else {
      var reason = "it doesn't serve after \(limit.components.seconds) s"
      if let stranger = standing.stranger { reason += "; process \(stranger) answers at its address" }
      if let status = standing.run?.exitStatus { reason += "; it ended with \(status)" }
      return Obstacle(service: standing.service, reason: "\(reason); \(standing.run?.problem ?? log)")
    }
    var obstacle = Obstacle(service: standing.service, reason: standing.run?.problem ?? log)
    if standing.run?.exitStatus == StartupFailure.Reason.addressUnavailable.rawValue,
      let taken = addresses.obstacle(standing.service)
    {
      obstacle.reason += "; \(taken.reason)"
      obstacle.holder = taken.holder
    }
    return obstacle
  }
}
