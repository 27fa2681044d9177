import Contracts
import Foundation
import Messaging
import Synchronization

/// Finds out when feedback shows in the services behind the intake: by a query that is answered only once the service
/// has applied the acknowledged position.
final class Visibility: Sendable {
  enum Service: String, CaseIterable, Sendable {
    case ranking, loopClosure
  }

  private struct Sightings {
    var latencies: [Int64] = []
    var last = MonotonicInstant(nanoseconds: 0)
  }

  private let services: RunningServices
  private let programme: ID<Programme>
  /// Of the stream `ingestion`.
  private let epoch: String
  private let sightings = Mutex<[Service: Sightings]>([:])

  init(_ services: RunningServices, programme: ID<Programme>, epoch: String) {
    self.services = services
    self.programme = programme
    self.epoch = epoch
  }

  /// - Throws: unless every item was accepted.
  static func lastPosition(of receipt: IntakeReceipt) throws -> UInt64 {
    var last: UInt64 = 0
    for result in receipt.results {
      guard result.outcome == .known(.accepted), let position = result.position else {
        throw BenchFailure("item not accepted: \(result.fault.map { "\($0)" } ?? "\(result.outcome)")")
      }
      last = max(last, position)
    }
    return last
  }

  /// Asks a service until it answers with everything up to `position`.
  /// - Parameter count: how many items that was the last of.
  func look(for position: UInt64, in service: Service, _ count: Int, since acknowledged: MonotonicInstant) async throws
  {
    var settings = CallSettings(timeout: .seconds(60))
    settings.after = ["\(StreamName.ingestion)/0/\(epoch)/\(position)"]
    switch service {
    case .ranking:
      let request = OpportunitiesRequest(programme: programme, limit: 1)
      _ = try await services.ranking.call(RankingAPI.opportunities, request, settings)
    case .loopClosure:
      let request = CasesRequest(programme: programme, limit: 1)
      _ = try await services.loopClosure.call(LoopClosureAPI.cases, request, settings)
    }
    let now = MonotonicInstant.now
    sightings.withLock { sightings in
      let latency = (now - acknowledged).wholeNanoseconds
      sightings[service, default: Sightings()].latencies += repeatElement(latency, count: count)
      sightings[service, default: Sightings()].last = now
    }
  }

  func report(_ service: Service, since start: MonotonicInstant) -> LatencyReport {
    let found = sightings.withLock { $0[service] ?? Sightings() }
    return LatencyReport(nanoseconds: found.latencies, over: found.last - start)
  }

  /// How many items the service holds by its own account: Ranking counts them, LoopClosure knows how far it has read.
  func count(_ service: Service) async throws -> Int {
    switch service {
    case .ranking:
      let request = OpportunitiesRequest(programme: programme, limit: 1)
      return try await services.ranking.call(RankingAPI.opportunities, request).items
    case .loopClosure:
      let status = try await services.loopClosure.call(OperationsAPI.status, StatusRequest())
      guard status.deadLetters == 0 else { throw BenchFailure("LoopClosure put \(status.deadLetters) records aside") }
      return Int(status.upstreams.first { $0.stream == .ingestion }?.position ?? 0)
    }
  }
}
