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

  /// How long a service may take to show what was acknowledged.
  static let limitSeconds = 300

  private struct Sightings {
    var latencies: [Int64] = []
    var last = MonotonicInstant(nanoseconds: 0)
  }

  private let services: RunningServices
  private let programmes: [ID<Programme>]
  /// Of the stream `ingestion`, by instance.
  private let epochs: [String]
  private let sightings = Mutex<[Service: Sightings]>([:])

  init(_ services: RunningServices, programmes: [ID<Programme>]) async throws {
    self.services = services
    self.programmes = programmes
    var epochs: [String] = []
    for instance in services.ingestion.indices { epochs.append(try await services.epoch(ofIngestion: instance)) }
    self.epochs = epochs
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

  /// A place in what an instance of Ingestion has written.
  struct Place: Sendable {
    let instance: Int
    let position: UInt64
  }

  /// Asks a service about some items until all are answered with: those of its instances that own them, as whoever
  /// looks for an item would.
  /// - Parameters:
  ///   - place: of the last of them.
  ///   - items: the programme of each.
  func look(
    for place: Place,
    of items: [ID<Programme>],
    in service: Service,
    since acknowledged: MonotonicInstant
  ) async throws {
    try await ask(about: items, in: service, after: place)
    let now = MonotonicInstant.now
    sightings.withLock { sightings in
      let latency = (now - acknowledged).wholeNanoseconds
      sightings[service, default: Sightings()].latencies += repeatElement(latency, count: items.count)
      sightings[service, default: Sightings()].last = now
    }
  }

  /// Waits until every instance has read up to a place, the owners of other items too.
  func waitForEveryone(at place: Place) async throws {
    for service in Service.allCases { try await ask(about: programmes, in: service, after: place) }
  }

  /// Asks all the owners at the same time, each once.
  private func ask(about items: [ID<Programme>], in service: Service, after place: Place) async throws {
    var wanted = CallSettings(timeout: .seconds(Visibility.limitSeconds))
    wanted.after = ["\(StreamName.ingestion)/\(place.instance)/\(epochs[place.instance])/\(place.position)"]
    let settings = wanted
    let samples = Dictionary(items.map { (services.owner(of: $0), $0) }) { first, _ in first }
    try await withThrowingDiscardingTaskGroup { group in
      for (owner, programme) in samples {
        group.addTask { try await self.ask(owner, about: programme, in: service, settings) }
      }
    }
  }

  private func ask(
    _ owner: Int,
    about programme: ID<Programme>,
    in service: Service,
    _ settings: CallSettings
  ) async throws {
    try await untilApplied {
      switch service {
      case .ranking:
        let request = OpportunitiesRequest(programme: programme, limit: 1)
        _ = try await services.ranking[owner].call(RankingAPI.opportunities, request, settings)
      case .loopClosure:
        let request = CasesRequest(programme: programme, limit: 1)
        _ = try await services.loopClosure[owner].call(LoopClosureAPI.cases, request, settings)
      }
    }
  }

  /// A service lets nobody wait for longer than 30 s; who wants to may ask again.
  private func untilApplied(_ ask: () async throws -> Void) async throws {
    let end = MonotonicInstant.now + .seconds(Visibility.limitSeconds)
    while true {
      do {
        return try await ask()
      } catch let fault as Fault where fault.reason == "notYetApplied" && MonotonicInstant.now < end {
        continue
      }
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
      var items = 0
      for programme in programmes {
        let request = OpportunitiesRequest(programme: programme, limit: 1)
        items += try await services.ranking[services.owner(of: programme)].call(RankingAPI.opportunities, request).items
      }
      return items
    case .loopClosure:
      var reached = [UInt64](repeating: .max, count: epochs.count)
      for client in services.loopClosure {
        let status = try await client.call(OperationsAPI.status, StatusRequest())
        guard status.deadLetters == 0 else { throw BenchFailure("LoopClosure put \(status.deadLetters) records aside") }
        for upstream in status.upstreams where upstream.stream == .ingestion {
          let instance = Int(upstream.instance)
          reached[instance] = min(reached[instance], upstream.position ?? 0)
        }
      }
      return Int(reached.reduce(0, +))
    }
  }
}
