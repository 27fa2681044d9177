import Contracts
import Records
package import ServiceRuntime
import Storage

/// What Ranking hears: customers' words, what becomes of ideas, goals that were reached, and the directory.
///
/// No scores: they are on a stream that isn't named here, that the allow-list would refuse, and that no table has room
/// for.
package enum RankingConsumers {
  package static func all(feedback: FeedbackDesk, credits: CreditDesk) -> [EventConsumer] {
    [ingestion(feedback), loopClosure(credits), goalSetting, directory]
  }

  private static func ingestion(_ desk: FeedbackDesk) -> EventConsumer {
    EventConsumer(.ingestion)
      .on(FeedbackRecorded.self) { event, _, transaction in try desk.record(event.feedback, transaction) }
      .on(FeedbackRevised.self) { event, _, transaction in try desk.revise(event.feedback, transaction) }
      .on(FeedbackErased.self) { event, _, transaction in
        try desk.erase(event.id, in: event.programme, transaction)
      }
      .elsewhere(FeedbackErased.self) { event, transaction in
        try desk.announcer.eraseRecords(quoting: event.id, in: event.programme, transaction)
      }
      .elsewhere(FeedbackRevised.self) { event, transaction in
        try desk.announcer.eraseRecords(quoting: event.feedback.id, in: event.programme, transaction)
      }
  }

  private static func loopClosure(_ desk: CreditDesk) -> EventConsumer {
    EventConsumer(.loopClosure)
      .on(IdeaSubmitted.self) { event, _, transaction in try desk.note(event, transaction) }
      .on(IdeaAdvanced.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
      .on(IdeaMerged.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
      .on(LessonReused.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
      .on(ExperimentStarted.self) { event, _, transaction in try desk.note(event, transaction) }
      .on(ExperimentConcluded.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
      .on(GraveDug.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
      .on(AdoptionChanged.self) { event, record, transaction in try desk.note(event, cause(record), transaction) }
  }

  private static func cause(_ record: Record) -> CreditDesk.Cause {
    CreditDesk.Cause(record.place(in: .loopClosure), at: record.time)
  }

  private static var goalSetting: EventConsumer {
    EventConsumer(.goalSetting)
      .on(GoalAchieved.self) { event, record, transaction in
        let rows = CreditRows(database: transaction.database, programme: event.programme)
        try rows.save(event.goal, reachedAt: record.time)
      }
  }

  private static var directory: EventConsumer {
    EventConsumer(.directory)
      .on(ProgrammeSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.value)
      }
      .on(TeamSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.team)
        guard transaction.owns(event.programme) else { return }
        try StandingRows(database: transaction.database, programme: event.programme).markChanged()
      }
      .on(EmployeeSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.employee)
        guard transaction.owns(event.programme) else { return }
        try StandingRows(database: transaction.database, programme: event.programme).markChanged()
      }
  }
}
