package import Contracts
package import Messaging
package import Records

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
}

extension ServiceAssembly {
  /// Takes the service apart, in the place of `run`. Whoever does so closes the store and the network in the end.
  /// - Parameter publish: told of the frames of each commit, on the writer's thread, in order.
  package func mechanism(publish: @escaping @Sendable ([RecordFrame]) -> Void) throws -> ServiceMechanism {
    relay.add(publish)
    relay.add(blueprint.didPublish)
    let appliers = try makeAppliers()
    announceOwnPositions()
    let journals = try journalService()
    return ServiceMechanism(
      sinks: appliers,
      journals: journals,
      answering: try answering(journals, appliers),
      timers: blueprint.timers
    )
  }
}
