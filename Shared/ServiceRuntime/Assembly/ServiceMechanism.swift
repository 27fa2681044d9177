package import Contracts
package import Messaging
package import Records
package import Storage

/// What a service does, each thing by itself. `ServiceAssembly.run` does them as they come; a simulation decides
/// itself when each one happens.
package struct ServiceMechanism: Sendable {
  /// Where the records of each stream that it follows go.
  package let sinks: [StreamName: any RecordSink]
  /// Its own journals, for those who may read them.
  package let journals: JournalService
  /// Answers calls in the service's network, once it runs.
  package let answering: AnsweringServer
  package let timers: [ServiceTimer]
  /// What it tells those whom it follows, of how far it is.
  package let cursorReports: @Sendable () async throws -> [CursorReport]
  /// Drops what its journals needn't hold any more. The policy's times may be shorter than settings can say.
  package let trim: @Sendable (RetentionPolicy) async throws -> Void
}

extension ServiceAssembly {
  /// Takes the service apart, in the place of `run`. Whoever does so closes the store and the network in the end, and
  /// follows every instance of what the service follows.
  /// - Parameters:
  ///   - publish: told of the frames of each commit, on the writer's thread, in order.
  ///   - checkCursor: told of the upstreams that are to be followed from where their cursors are in the store, as these
  ///     may have been moved.
  package func mechanism(
    publish: @escaping @Sendable ([RecordFrame]) -> Void,
    checkCursor: @escaping @Sendable (Ownership.Upstream) -> Void
  ) throws -> ServiceMechanism {
    relay.add(publish)
    relay.add(blueprint.didPublish)
    let appliers = try makeAppliers()
    for stream in appliers.keys.sorted() {
      for instance in try instances(writing: stream) {
        let upstream = Ownership.Upstream(stream: stream, instance: instance)
        upstreams.add(upstream) { checkCursor(upstream) }
      }
    }
    announceOwnPositions()
    let journals = try journalService()
    return ServiceMechanism(
      sinks: appliers,
      journals: journals,
      answering: try answering(journals, appliers),
      timers: blueprint.timers,
      cursorReports: { [store, upstreams] in
        try await DurableCursors.fetch(of: store, following: upstreams.identities).map { upstream, cursor in
          CursorReport(of: upstream, by: store.configuration.instance, at: cursor)
        }
      },
      trim: { [retention] policy in
        var (retention, sizes) = (retention, JournalSizes())
        retention.policy = policy
        try await retention.trim(&sizes)
      }
    )
  }
}
