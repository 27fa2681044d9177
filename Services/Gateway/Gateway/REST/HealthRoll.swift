import Contracts
import Records
import ServiceRuntime
import Storage

/// How all services are doing, asked at the same time; one that is down doesn't hold up the others.
struct HealthRoll: Sendable {
  let services: ServiceCalls
  let store: Store
  let now: @Sendable () -> Timestamp
  let startedAt: Timestamp

  func call(_ call: RouteCall) async -> SystemHealth {
    await withTaskGroup(of: ServiceHealth.self) { group in
      for profile in ServiceProfile.all where profile != .gateway {
        group.addTask { await health(of: profile, call) }
      }
      var all: [ServiceHealth] = [await own()]
      for await health in group { all.append(health) }
      let order = ServiceProfile.all.map(\.name)
      all.sort { (order.firstIndex(of: $0.service) ?? 0) < (order.firstIndex(of: $1.service) ?? 0) }
      return SystemHealth(isWell: all.allSatisfy(\.isAnswering), services: all)
    }
  }

  private func health(of profile: ServiceProfile, _ call: RouteCall) async -> ServiceHealth {
    do {
      let status = try await services.ask(
        OperationsAPI.status,
        StatusRequest(),
        of: profile,
        call,
        timeout: .seconds(2)
      )
      return ServiceHealth(service: profile.name, isAnswering: true, status: status)
    } catch {
      let problem = (error as? Fault)?.message ?? "\(error)"
      return ServiceHealth(service: profile.name, isAnswering: false, problem: problem)
    }
  }

  private func own() async -> ServiceHealth {
    let heads = store.heads().map { head in
      StreamHead(
        stream: head.identity.stream,
        epoch: "\(head.identity.epoch)",
        position: head.position,
        chain: "\(head.chain)"
      )
    }
    do {
      let deadLetters = try await store.deadLetterCount()
      let status = ServiceStatus(
        service: ServiceProfile.gateway.name,
        version: groundswellVersion,
        instance: store.configuration.instance,
        startedAt: startedAt,
        now: now(),
        isAccepting: true,
        heads: heads,
        upstreams: [],
        deadLetters: deadLetters,
        queueDepth: store.statistics.queueDepth
      )
      return ServiceHealth(service: ServiceProfile.gateway.name, isAnswering: true, status: status)
    } catch {
      return ServiceHealth(
        service: ServiceProfile.gateway.name,
        isAnswering: false,
        problem: "its store can't be read: \(error)"
      )
    }
  }
}

/// What each service says of itself, in the order in which feedback flows through them.
struct SystemHealth: Codable, Sendable {
  var isWell: Bool
  var services: [ServiceHealth]
}

struct ServiceHealth: Codable, Sendable {
  var service: String
  var isAnswering: Bool
  /// What it said, where it answers.
  var status: ServiceStatus?
  /// Why it doesn't, where it doesn't.
  var problem: String?
}
