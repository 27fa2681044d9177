import Contracts
import ServiceRuntime
import Storage

/// Keeps a replica of programmes and teams, so that taking feedback in needs no other service.
enum DirectoryConsumer {
  static func consumer(_ directory: DirectoryReplica) -> EventConsumer {
    EventConsumer(.directory)
      .on(ProgrammeSet.self) { event, _, transaction in
        try DirectoryRows.set(event.value, in: transaction.database)
      }
      .on(TeamSet.self) { event, _, transaction in
        try DirectoryRows.set(event.team, in: transaction.database)
      }
      .didCommit { _ in directory.didChange() }
  }
}
