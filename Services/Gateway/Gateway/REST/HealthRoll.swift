import Contracts
import Records
import ServiceRuntime
import Storage

/// How all instances of all services are doing, asked at the same time; one that is down doesn't hold up the others.
struct HealthRoll: Sendable {
  let services: ServiceCalls
  let store: Store
  let now: @Sendable () -> Timestamp
  let startedAt: Timestamp

  func call(_ call: RouteCall) async -> SystemHealth {
    await withTaskGroup(of: ServiceHealth.self) { group in
      for profile in ServiceProfile.all where profile != .gateway {
        for instance in services.instances(of: profile) {
          group.addTask { await health(of: profile, instance, call) }
        }
      }
      var all: [ServiceHealth] = [await own()]
      for await health in group { all.append(health) }
      let order = ServiceProfile.all.map(\.name)
      func place(_ health: ServiceHealth) -> (Int, Int) { (order.firstIndex(of: health.service) ?? 0, health.instance) }
      all.sort { place($0) < place($1) }
      return SystemHealth(isWell: all.allSatisfy(\.isAnswering), services: all)
    }
  }

  private func health(of profile: ServiceProfile, _ instance: Int, _ call: RouteCall) async -> ServiceHealth {
    do {
      let status = try await services.status(of: profile, instance: instance, call, timeout: .seconds(2))
      return ServiceHealth(service: profile.name, instance: instance, isAnswering: true, status: status)
    } catch {
      let problem = (error as? Fault)?.message ?? "\(error)"
      return ServiceHealth(service: profile.name, instance: instance, isAnswering: false, problem: problem)
    }
  }

  private func own() async -> ServiceHealth {
    let instance = Int(store.configuration.instance)
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
      return ServiceHealth(service: ServiceProfile.gateway.name, instance: instance, isAnswering: true, status: status)
    } catch {
      return ServiceHealth(
        service: ServiceProfile.gateway.name,
        instance: instance,
        isAnswering: false,
        problem: "its store can't be read: \(error)"
      )
    }
  }
}

/// What each instance says of itself, in the order in which feedback flows through the services.
struct SystemHealth: Codable, Sendable {
  var isWell: Bool
  var services: [ServiceHealth]
}

struct ServiceHealth: Codable, Sendable {
  var service: String
  /// Its number, as its address is the so-many-th of its service.
  var instance: Int
  var isAnswering: Bool
  /// What it said, where it answers.
  var status: ServiceStatus?
  /// Why it doesn't, where it doesn't.
  var problem: String?
}
