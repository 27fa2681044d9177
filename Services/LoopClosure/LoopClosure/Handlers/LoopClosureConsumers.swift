import Contracts
import Records
package import ServiceRuntime
import Storage

/// What LoopClosure hears: feedback, scores, observations, themes, safe harbours, and the directory.
package enum LoopClosureConsumers {
  package static func all(_ books: LoopBooks) -> [EventConsumer] {
    [directory(books), feedback(books), scores(books), observations(books), opportunities(books), safeHarbours]
  }

  private static func directory(_ books: LoopBooks) -> EventConsumer {
    EventConsumer(.directory)
      .on(ProgrammeSet.self) { event, _, transaction in
        // A calendar that nobody could work by is set aside before anything depends on it.
        _ = try WorkingCalendar(
          event.value.calendar ?? .weekdaysNineToFive,
          timeZone: event.value.timeZone
        )
        let rows = DirectoryRows(database: transaction.database)
        let before = try rows.programme(event.value.id)
        try rows.save(event.value)
        if before?.calendar != event.value.calendar || before?.timeZone != event.value.timeZone {
          try books.cases.calendarChanged(of: event.value.id, transaction)
        }
      }
      .on(TeamSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.team)
      }
      .on(EmployeeSet.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.employee)
      }
  }

  private static func feedback(_ books: LoopBooks) -> EventConsumer {
    EventConsumer(.ingestion)
      .on(FeedbackRecorded.self) { event, _, transaction in try books.cases.take(event.feedback, transaction) }
      .on(FeedbackRevised.self) { event, _, transaction in try books.cases.take(event.feedback, transaction) }
      .on(FeedbackErased.self) { event, _, transaction in
        try books.cases.erase(event.id, in: event.programme, transaction)
      }
      .elsewhere(FeedbackErased.self) { event, transaction in
        try books.cases.eraseElsewhere(event.id, in: event.programme, transaction)
      }
  }

  private static func scores(_ books: LoopBooks) -> EventConsumer {
    EventConsumer(.scores).on(ScoreObserved.self) { event, _, transaction in
      try books.cases.take(event, transaction)
    }
  }

  private static func observations(_ books: LoopBooks) -> EventConsumer {
    EventConsumer(.observations).on(ObservationRecorded.self) { event, _, transaction in
      try books.experiments.observe(event.observation, transaction)
    }
  }

  private static func opportunities(_ books: LoopBooks) -> EventConsumer {
    EventConsumer(.ranking)
      .on(OpportunityOpened.self) { event, _, transaction in try take(event.opportunity, books, transaction) }
      .on(OpportunityGrown.self) { event, _, transaction in try take(event.opportunity, books, transaction) }
      .on(OpportunityCurated.self) { event, _, transaction in
        try DirectoryRows(database: transaction.database).save(event.opportunity)
      }
      .on(OpportunityMerged.self) { event, _, transaction in
        let rows = DirectoryRows(database: transaction.database)
        try rows.save(event.opportunity)
        try rows.merge(event.absorbed, into: event.opportunity)
      }
      .on(OpportunitySplit.self) { event, _, transaction in
        let rows = DirectoryRows(database: transaction.database)
        for opportunity in [event.opportunity] + event.parts { try rows.save(opportunity) }
      }
  }

  private static func take(_ opportunity: Opportunity, _ books: LoopBooks, _ transaction: Transaction) throws {
    try DirectoryRows(database: transaction.database).save(opportunity)
    try books.outerLoop.consider(opportunity, transaction)
  }

  private static var safeHarbours: EventConsumer {
    EventConsumer(.goalSetting).on(SafeHarbourOpened.self) { event, _, transaction in
      try ExperimentRows(database: transaction.database).saveSafeHarbour(
        of: event.safeHarbour.experiment,
        until: event.safeHarbour.until,
        in: event.programme
      )
    }
  }
}
