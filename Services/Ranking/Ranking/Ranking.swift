import Contracts
package import ServiceRuntime
import Storage

/// Ranking: opportunities found in what customers say, and teams ranked by what they try. No scores.
package enum Ranking {
  package static let joinThreshold = Setting<Double>.decimal(
    "join-threshold",
    default: ThemeConfiguration().joinThreshold,
    in: 0.05...0.95,
    "Cosine similarity from which feedback joins its nearest theme; higher makes more and narrower themes."
  )

  package static let itemsToOpen = Setting<Int>.integer(
    "items-to-open",
    default: ThemeConfiguration().itemsToOpen,
    in: 2...100,
    "How often a theme has to be seen before it is an opportunity."
  )

  package static let maximumOpportunities = Setting<Int>.integer(
    "maximum-opportunities",
    default: ThemeConfiguration().maximumOpportunities,
    in: 10...5000,
    "Opportunities of a programme that take in feedback at a time; above it the one silent longest is muted."
  )

  package static let publishEveryHours = Setting<Int>.integer(
    "publish-ranking-every-hours",
    default: 24,
    in: 1...720,
    "How many hours lie at least between two publications of where a programme's teams stand."
  )

  package static let definition = ServiceDefinition(
    .ranking,
    settings: [joinThreshold, itemsToOpen, maximumOpportunities, publishEveryHours]
  ) { settings in
    var themes = ThemeConfiguration()
    themes.joinThreshold = settings[joinThreshold]
    themes.itemsToOpen = settings[itemsToOpen]
    themes.maximumOpportunities = settings[maximumOpportunities]
    return blueprint(cache: ThemeCache(themes), standings: StandingDesk(interval: .hours(settings[publishEveryHours])))
  }

  package static func blueprint(cache: ThemeCache, standings: StandingDesk = StandingDesk()) -> ServiceBlueprint {
    let credits = CreditDesk()
    let disruptions = DisruptionWatch()
    let upkeep = OpportunityUpkeep(cache: cache)
    return ServiceBlueprint(
      migrations: RankingSchema.migrations,
      tables: RankingSchema.tables,
      didAdopt: { programme, transaction in
        // What the directory told while nobody owned the programme.
        try StandingRows(database: transaction.database, programme: programme).markChanged()
      },
      consumers: RankingConsumers.all(feedback: FeedbackDesk(cache: cache), credits: credits),
      calls: { calls in
        answerQuestions(OpportunityCatalogue(cache: cache), &calls)
        takeDecisions(CurationDesk(cache: cache), FilingDesk(cache: cache), &calls)
        answerQuestions(standings, credits, disruptions, &calls)
      },
      timers: [
        ServiceTimer(every: .seconds(1), mostTurns: 20, "refreshOpportunities") { transaction, _ in
          try upkeep.refresh(transaction)
        },
        ServiceTimer(every: .seconds(10), "publishRanking") { transaction, now in
          try standings.publishDue(transaction, at: now)
        },
        ServiceTimer(every: .minutes(1), "findDisruptions") { transaction, _ in try disruptions.scan(transaction) },
      ]
    )
  }

  private static func answerQuestions(_ catalogue: OpportunityCatalogue, _ calls: inout CallTable) {
    calls.query(RankingAPI.opportunities) { input, context in
      try await context.read { try catalogue.list(input, at: context.time, $0) }
    }
    calls.query(RankingAPI.opportunity) { input, context in
      try await context.read { try catalogue.detail(input, at: context.time, $0) }
    }
  }

  private static func takeDecisions(_ curation: CurationDesk, _ filing: FilingDesk, _ calls: inout CallTable) {
    calls.command(RankingAPI.rename) { try curation.rename($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.pin) { try curation.pin($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.mute) { try curation.mute($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.estimate) { try curation.estimate($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.merge) { try filing.merge($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.unmerge) { try filing.unmerge($0, by: $1.principal.name, $2) }
    calls.command(RankingAPI.refile) { try filing.refile($0, by: $1.principal.name, $2) }
  }

  private static func answerQuestions(
    _ standings: StandingDesk,
    _ credits: CreditDesk,
    _ disruptions: DisruptionWatch,
    _ calls: inout CallTable
  ) {
    calls.query(RankingAPI.teams) { input, context in
      try await context.read { try standings.teams(input, at: context.time, $0) }
    }
    calls.query(RankingAPI.credits) { input, context in try await context.read { try credits.credits(input, $0) } }
    calls.query(RankingAPI.disruptions) { input, context in
      try await context.read { try disruptions.disruptions(input, $0) }
    }
  }
}
