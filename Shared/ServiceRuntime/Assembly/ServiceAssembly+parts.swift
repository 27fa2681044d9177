import Contracts
import CoreMetrics
import Foundation
import Logging
import Messaging
import Records
import ServiceLifecycle
import Storage

extension ServiceAssembly {
  /// What runs, in the order of starting. They stop in reverse order: readiness first, then HTTP and calls, then
  /// subscriptions and timers, health and metrics near the end.
  func parts() throws -> [any Service] {
    let resources = ServiceResources(
      profile: profile,
      settings: settings,
      store: store,
      clients: clients,
      now: clock.now,
      logger: logger,
      metrics: registry
    )
    let appliers = try makeAppliers()
    let standard = StandardSettings(profile)
    state.expect([.admin, .calls])
    var parts: [any Service] = [adminService(settings[standard.admin])]
    parts += network.upkeep(logger: logger)
    parts += clients.named.map { ClientService(client: $0.client, name: $0.name) }
    parts += try blueprint.background(resources).map { BackgroundService(work: $0) }
    parts += blueprint.timers.map {
      TimerService(timer: $0, store: store, clock: clock, logger: logger, metrics: registry)
    }
    announceOwnPositions()
    parts += try subscriptions(appliers)
    let answering = try answering(try journalService(), appliers)
    parts.append(CallService(answering: answering, state: state, logger: logger))
    if let makeRoutes = blueprint.http {
      guard let http = standard.http else {
        throw StartupFailure(.unexpected, "\(profile.name) has an HTTP application and no port for it.")
      }
      state.expect([.http])
      let routes = try makeRoutes(resources)
      parts.append(
        HTTPService(routes: routes, address: settings[http], socket: .http, state: state, logger: logger)
      )
    }
    parts.append(RetentionService(retention: retention, clock: clock, logger: logger))
    if !blueprint.consumers.isEmpty {
      parts.append(
        CursorReporting(
          upstreams: upstreams,
          store: store,
          clients: clients,
          clock: clock,
          logger: logger
        )
      )
    }
    let checkHours = settings[StandardSettings.integrityCheckHours]
    if checkHours > 0 {
      parts.append(
        IntegrityService(integrity: integrity, state: state, interval: .hours(checkHours), clock: clock, logger: logger)
      )
    }
    parts.append(ReadinessService(state: state, logger: logger))
    registry.addSource { [store, upstreams, network, retention] in
      await samples(of: store) + upstreams.samples + network.samples + retention.samples()
    }
    return parts
  }

  func makeAppliers() throws -> [StreamName: EventApplier] {
    var appliers: [StreamName: EventApplier] = [:]
    for consumer in blueprint.consumers {
      try checkAllowed(consumer)
      guard appliers[consumer.stream] == nil else {
        throw StartupFailure(.unexpected, "\(profile.name) follows \(consumer.stream) twice.")
      }
      appliers[consumer.stream] = EventApplier(
        consumer: consumer,
        store: store,
        applied: applied,
        logger: logger,
        meters: EventMeters(stream: consumer.stream, factory: registry)
      )
    }
    return appliers
  }

  /// A service that would listen to what it may not hear doesn't start: scores stay away from ranks and goals.
  private func checkAllowed(_ consumer: EventConsumer) throws(StartupFailure) {
    guard let listener = AllowList.Consumer(rawValue: profile.name) else { return }
    guard let allowed = AllowList.streams(for: listener)[consumer.stream] else {
      throw StartupFailure(.unexpected, "\(profile.name) may not follow \(consumer.stream).")
    }
    if let allowed, !consumer.types.isSubset(of: allowed) {
      let names = consumer.types.subtracting(allowed).map(\.rawValue).sorted().joined(separator: ", ")
      throw StartupFailure(.unexpected, "\(profile.name) may not take \(names) from \(consumer.stream).")
    }
  }

  /// What the service writes itself, it has applied.
  func announceOwnPositions() {
    for head in store.heads() { applied.advance(head.identity, to: head.position) }
    relay.add { [applied] frames in
      for frame in frames { applied.advance(frame.header.identity, to: frame.header.lastPosition) }
    }
  }

  private func subscriptions(_ appliers: [StreamName: EventApplier]) throws -> [SubscriptionService] {
    try appliers.values.sorted { $0.consumer.stream < $1.consumer.stream }.flatMap { applier in
      let stream = applier.consumer.stream
      return try instances(writing: stream).map { instance in
        let runner = SubscriptionRunner(
          to: stream,
          instance: instance,
          over: network.events,
          into: applier,
          wallTime: clock.now,
          logger: logger
        )
        upstreams.add(runner)
        return SubscriptionService(runner: runner, store: store, applied: applied, logger: logger)
      }
    }
  }

  /// The instances of whatever service writes a stream.
  func instances(writing stream: StreamName) throws -> [UInt16] {
    guard let owner = ServiceProfile.owner(of: stream) else {
      throw StartupFailure(.unexpected, "No service is known to write \(stream).")
    }
    return try network.instances(of: owner)
  }

  func journalService() throws -> JournalService {
    let bell = JournalBell()
    relay.add(bell.ring)
    return try JournalService(of: store, offers: blueprint.snapshots, bell: bell, wallTime: clock.now)
  }

  func answering(_ journals: JournalService, _ appliers: [StreamName: EventApplier]) throws -> AnsweringServer {
    var table = CallTable(
      CallHost(store: store, streams: profile.streams, applied: applied, now: clock.now)
    )
    blueprint.calls(&table)
    table.commandOutsideTransaction(JournalAPI.reportCursor) { [retention] report, context in
      try await retention.note(report, from: context.principal)
    }
    OperationsCalls(
      profile: profile,
      instance: UInt16(settings[StandardSettings.instance]),
      startedAt: startedAt,
      state: state,
      upstreams: upstreams,
      appliers: appliers,
      integrity: integrity,
      backups: URL(filePath: settings[StandardSettings.data]).appending(component: "backups")
    ).add(to: &table)
    if let partitioning = store.configuration.partitioning {
      PartitionCalls(
        instance: store.configuration.instance,
        store: store,
        partitioning: partitioning,
        didAdopt: blueprint.didAdopt,
        upstreams: upstreams,
        applied: applied
      ).add(to: &table)
    }
    var handlers = table.handlers
    network.serve(journals, of: store.heads(), with: &handlers)
    let unforeseen = UnforeseenErrors(logger)
    let answering = try network.answer(handlers) { call in observe(call, unforeseen) }
    integrity.watch(answering.server.health)
    return answering
  }

  private func observe(_ call: CallObservation, _ unforeseen: UnforeseenErrors) {
    let labels = [("method", call.method.description), ("code", call.fault?.code.rawValue ?? "OK")]
    Timer(label: "groundswell_call_duration", dimensions: labels, factory: registry)
      .recordNanoseconds(call.duration.wholeNanoseconds)
    if let error = call.unexpected { unforeseen.log(error, in: call.method) }
  }

  private func adminService(_ address: HostAndPort) -> HTTPService {
    let routes = AdminRoutes(
      service: profile.name,
      state: state,
      upstreams: upstreams,
      registry: registry,
      storeProblem: { [store] in store.health.problem },
      probe: { [store] in try await store.checkWritable() }
    )
    return HTTPService(
      routes: HTTPRoutes(routes.router),
      address: address,
      socket: .admin,
      state: state,
      logger: logger
    )
  }
}

/// What the store says of itself when metrics are asked for.
private func samples(of store: Store) async -> [MetricSample] {
  let statistics = store.statistics
  var samples = [
    MetricSample("groundswell_store_queue_depth", Double(statistics.queueDepth)),
    MetricSample("groundswell_store_wal_pages", Double(statistics.writeAheadLogPages)),
    MetricSample("groundswell_store_records_total", kind: .counter, Double(statistics.records)),
    MetricSample("groundswell_store_failed_commands_total", kind: .counter, Double(statistics.failedCommands)),
  ]
  for head in store.heads() {
    samples.append(
      MetricSample(
        "groundswell_stream_head",
        labels: [("stream", head.identity.stream.rawValue)],
        Double(head.position)
      )
    )
  }
  do {
    samples.append(MetricSample("groundswell_dead_letters_pending", Double(try await store.deadLetterCount())))
  } catch {
    // A store that can't be read has no count; health says why.
  }
  return samples
}
