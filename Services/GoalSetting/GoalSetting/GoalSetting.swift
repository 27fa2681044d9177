import Contracts
package import ServiceRuntime

/// GoalSetting: goals on behaviour, never on scores; their progress and payout; and the partners' joint ledger.
package enum GoalSetting {
  package static let forbiddenWords = Setting<[String]>.list(
    "score-words",
    placeholder: "WORD",
    "More words that name a score here, refused as targets; * lets a word go on, e.g. *smileindex*."
  ) { word in word }

  package static let capRatio = Setting<Double>.decimal(
    "cap-ratio",
    default: GoalTerms.highestCapRatio,
    in: 1...GoalTerms.highestCapRatio,
    "The most that a goal pays, as a multiple of its reward, where it doesn't say."
  )

  package static let definition = ServiceDefinition(.goalSetting, settings: [forbiddenWords, capRatio]) { settings in
    let vocabulary = ScoreVocabulary.standard.adding(settings[forbiddenWords])
    let terms = GoalTerms(scores: ScoreTargetGuard(vocabulary), defaultCapRatio: settings[capRatio])
    return blueprint(goals: GoalBook(terms: terms), partnerships: PartnershipBook())
  }

  package static func blueprint(goals: GoalBook, partnerships: PartnershipBook) -> ServiceBlueprint {
    ServiceBlueprint(
      migrations: GoalSettingSchema.migrations,
      tables: GoalSettingSchema.tables,
      consumers: GoalSettingConsumers.all(goals),
      calls: { calls in
        answer(goals, &calls); answer(partnerships, &calls)
      },
      timers: [
        ServiceTimer(every: .seconds(1), "endGoals") { transaction, now in
          try goals.endOverdue(transaction, at: now)
        },
        ServiceTimer(every: .hours(1), "flagTunnelVision") { transaction, _ in
          try goals.flagTunnelVision(transaction)
        },
      ]
    )
  }

  private static func answer(_ book: GoalBook, _ calls: inout CallTable) {
    calls.query(GoalSettingAPI.goals) { input, context in
      try await context.read { try book.goals(input, $0) }
    }
    calls.command(GoalSettingAPI.setGoal) { input, context, transaction in
      try book.set(input, by: context.principal.name, transaction)
    }
    calls.command(GoalSettingAPI.withdrawGoal) { input, _, transaction in try book.withdraw(input, transaction) }
    calls.query(GoalSettingAPI.tunnelVision) { input, context in
      try await context.read { database in
        try DirectoryRows(database: database).check(input.programme)
        return try book.tunnelVision(in: input.programme, at: context.time, database)
      }
    }
  }

  private static func answer(_ book: PartnershipBook, _ calls: inout CallTable) {
    calls.command(GoalSettingAPI.agreePartnership) { input, _, transaction in try book.agree(input, transaction) }
    calls.command(GoalSettingAPI.openSafeHarbour) { input, _, transaction in
      try book.openSafeHarbour(input, transaction)
    }
    calls.command(GoalSettingAPI.postLedger) { input, _, transaction in try book.post(input, transaction) }
    calls.query(GoalSettingAPI.ledger) { input, context in try await context.read { try book.ledger(input, $0) } }
  }
}
