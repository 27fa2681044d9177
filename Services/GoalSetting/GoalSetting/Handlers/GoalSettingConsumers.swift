import Contracts
import Records
package import ServiceRuntime
import Storage

/// What GoalSetting hears: deeds from LoopClosure, standings from Ranking, and the directory. No scores: they are on a
/// stream that isn't named here, and that the allow-list would refuse.
package enum GoalSettingConsumers {
  package static func all(_ book: GoalBook) -> [EventConsumer] {
    [directory, ranking, loopClosure(book)]
  }

  private static var directory: EventConsumer {
    EventConsumer(.directory)
      .on(ProgrammeSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.value)
      }
      .on(TeamSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.team)
      }
  }

  /// How much a team improves is something that its goals must not make it neglect.
  private static var ranking: EventConsumer {
    EventConsumer(.ranking)
      .on(RankingPublished.self) { event, _, transaction in
        let rows = CounterRows(database: transaction.database)
        for standing in event.standings where !standing.isPooled {
          try rows.set(
            .creditRate,
            to: standing.rate,
            programme: event.programme,
            team: standing.team,
            at: event.publishedAt
          )
        }
      }
  }

  private static func loopClosure(_ book: GoalBook) -> EventConsumer {
    EventConsumer(.loopClosure)
      .on(IdeaSubmitted.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
      .on(IdeaAdvanced.self) { event, record, transaction in
        try note(Deed(of: event), CounterOccurrence(of: event), record, book, transaction)
      }
      .on(IdeaMerged.self) { event, record, transaction in
        try note(nil, CounterOccurrence(of: event), record, book, transaction)
      }
      .on(ExperimentConcluded.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
      .on(ExperimentStopped.self) { event, record, transaction in
        try note(nil, CounterOccurrence(of: event), record, book, transaction)
      }
      .on(DeadEndFlagged.self) { event, record, transaction in
        try note(nil, CounterOccurrence(of: event), record, book, transaction)
      }
      .on(AdoptionChanged.self) { event, record, transaction in
        try note(Deed(of: event), CounterOccurrence(of: event), record, book, transaction)
      }
      .on(GraveDug.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
      .on(LessonReused.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
      .on(CaseOpened.self) { event, _, transaction in
        try remember(event.case, transaction)
      }
      .on(CaseAdvanced.self) { event, record, transaction in
        try remember(event.case, transaction)
        try note(Deed(of: event), CounterOccurrence(of: event), record, book, transaction)
      }
      .on(ReceiptGiven.self) { event, record, transaction in
        let team = try DirectoryRows(database: transaction.database)
          .team(ofCase: event.closure.subject, in: event.programme)
        try note(Deed(of: event, team: team), nil, record, book, transaction)
      }
      .on(CoachingRecorded.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
      .on(HuddleHeld.self) { event, record, transaction in
        try note(Deed(of: event), nil, record, book, transaction)
      }
  }

  private static func note(
    _ deed: Deed?,
    _ occurrence: CounterOccurrence?,
    _ record: Record,
    _ book: GoalBook,
    _ transaction: Transaction
  ) throws {
    if let deed {
      let evidence = record.place(in: .loopClosure)
      try book.count(deed, doneAt: record.time, evidence: evidence, transaction)
    }
    if let occurrence { try CounterRows(database: transaction.database).count(occurrence, at: record.time) }
  }

  /// Receipts name a case, not its team.
  private static func remember(_ item: Case, _ transaction: Transaction) throws {
    guard let team = item.team else { return }
    try DirectoryRows(database: transaction.database).saveTeam(team, ofCase: item.id, in: item.programme)
  }
}
