import Contracts
import ServiceRuntime

/// Everything that can be asked over HTTP, in one list.
package enum RouteTable {
  private static let programme = "/programmes/{programme}"

  /// - Throws: what keeps a message's type from being described.
  package static func routes(_ services: ServiceCalls, _ own: OwnRoutes) throws -> [Route] {
    try own.directory() + feedback(services, own) + opportunities(services) + cases(services) + ideas(services)
      + spreading(services) + goals(services) + own.operations()
  }

  private static func feedback(_ services: ServiceCalls, _ own: OwnRoutes) throws -> [Route] {
    let service = ServiceProfile.ingestion
    return [
      try .get(
        "\(programme)/feedback",
        .feedback,
        IngestionAPI.feedback,
        at: service,
        services,
        "Customers' words, newest first."
      ),
      try .get(
        "\(programme)/coverage",
        .feedback,
        IngestionAPI.coverage,
        at: service,
        services,
        "How much of what happens we hear of, channel by channel."
      ),
      try .post(
        "\(programme)/feedback/erase",
        .feedback,
        IngestionAPI.erase,
        at: service,
        services,
        "Erase feedback for good, with a reason."
      ),
    ] + (try own.feedback(services))
  }

  private static func opportunities(_ services: ServiceCalls) throws -> [Route] {
    let (base, service) = ("\(programme)/opportunities", ServiceProfile.ranking)
    return [
      try .get(
        base,
        .opportunities,
        RankingAPI.opportunities,
        at: service,
        services,
        "What customers keep asking to change, most valuable first; one in five is there to be explored."
      ),
      try .get(
        "\(base)/{id}",
        .opportunities,
        RankingAPI.opportunity,
        at: service,
        services,
        "One opportunity with its evidence."
      ),
      try .post("\(base)/{id}/rename", .opportunities, RankingAPI.rename, at: service, services, "Give it a name."),
      try .post(
        "\(base)/{id}/pin",
        .opportunities,
        RankingAPI.pin,
        at: service,
        services,
        "Keep it at the top, or let it go."
      ),
      try .post(
        "\(base)/{id}/mute",
        .opportunities,
        RankingAPI.mute,
        at: service,
        services,
        "Take it off the list, or put it back."
      ),
      try .post(
        "\(base)/{id}/estimate",
        .opportunities,
        RankingAPI.estimate,
        at: service,
        services,
        "Say how much work it would be."
      ),
      try .post(
        "\(base)/{into}/merge",
        .opportunities,
        RankingAPI.merge,
        at: service,
        services,
        "Take other themes into it."
      ),
      try .post(
        "\(base)/{id}/unmerge",
        .opportunities,
        RankingAPI.unmerge,
        at: service,
        services,
        "Give an absorbed theme its own items back."
      ),
      try .post(
        "\(base)/{to}/refile",
        .opportunities,
        RankingAPI.refile,
        at: service,
        services,
        "Move feedback to it."
      ),
      try .get(
        "\(programme)/disruptions",
        .opportunities,
        RankingAPI.disruptions,
        at: service,
        services,
        "Sudden changes, and how fast they were answered."
      ),
      try .get(
        "\(programme)/standings",
        .teams,
        RankingAPI.teams,
        at: service,
        services,
        "Where teams stand by improvements: bands, and a place only where it is certain."
      ),
      try .get(
        "\(programme)/credits",
        .teams,
        RankingAPI.credits,
        at: service,
        services,
        "The deeds that every figure is made of, newest first."
      ),
    ]
  }

  private static func cases(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
      try .get(
        "\(programme)/cases",
        .cases,
        LoopClosureAPI.cases,
        at: service,
        services,
        "Customers to come back to, most urgent first."
      ),
      try .post(
        "\(programme)/cases",
        .cases,
        LoopClosureAPI.openCase,
        at: service,
        services,
        "Open a case for feedback."
      ),
      try .post(
        "\(programme)/cases/{id}/advance",
        .cases,
        LoopClosureAPI.advanceCase,
        at: service,
        services,
        "Take a case one step further; closing needs a root cause and an action."
      ),
      try .post(
        "\(programme)/cases/{into}/merge",
        .cases,
        LoopClosureAPI.mergeCases,
        at: service,
        services,
        "Join cases about the same thing."
      ),
      try .get(
        "\(programme)/outer-items",
        .cases,
        LoopClosureAPI.outerItems,
        at: service,
        services,
        "Causes that a team can't mend alone, with the answer rate."
      ),
      try .post(
        "\(programme)/outer-items",
        .cases,
        LoopClosureAPI.escalate,
        at: service,
        services,
        "Raise a cause to the outer loop."
      ),
      try .post(
        "\(programme)/outer-items/{id}/decide",
        .cases,
        LoopClosureAPI.decide,
        at: service,
        services,
        "Decide: fix, test, adopt, defer until a date, or decline with a reason."
      ),
      try .get(
        "\(programme)/closures",
        .cases,
        LoopClosureAPI.closures,
        at: service,
        services,
        "Loops and their three receipts, with the three-receipt rate."
      ),
      try .post(
        "\(programme)/receipts",
        .cases,
        LoopClosureAPI.giveReceipt,
        at: service,
        services,
        "Say that the customer or the front-liner was told, or that the system changed."
      ),
      try .get(
        "\(programme)/notices",
        .cases,
        LoopClosureAPI.notices,
        at: service,
        services,
        "What somebody was told."
      ),
      try .put(
        "\(programme)/notices/{recipient}",
        .cases,
        LoopClosureAPI.setNotices,
        at: service,
        services,
        "Whether somebody wants to be told."
      ),
    ]
  }

  private static func ideas(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
      try .get("\(programme)/ideas", .ideas, LoopClosureAPI.ideas, at: service, services, "Ideas, newest first."),
      try .post(
        "\(programme)/ideas",
        .ideas,
        LoopClosureAPI.submitIdea,
        at: service,
        services,
        "Suggest an idea; the answer shows the graves and ideas that are near."
      ),
      try .post(
        "\(programme)/ideas/{id}/advance",
        .ideas,
        LoopClosureAPI.advanceIdea,
        at: service,
        services,
        "Accept, decline, implement, verify or scale an idea."
      ),
      try .post(
        "\(programme)/ideas/{id}/merge",
        .ideas,
        LoopClosureAPI.mergeIdeas,
        at: service,
        services,
        "Join an idea to an earlier one, or take it apart again."
      ),
      try .post(
        "\(programme)/ideas/{id}/support",
        .ideas,
        LoopClosureAPI.supportIdea,
        at: service,
        services,
        "Stand behind an idea."
      ),
      try .get(
        "\(programme)/experiments",
        .ideas,
        LoopClosureAPI.experiments,
        at: service,
        services,
        "Tests and pilots; which arm is ahead is not shown before the look."
      ),
      try .post(
        "\(programme)/experiments",
        .ideas,
        LoopClosureAPI.startExperiment,
        at: service,
        services,
        "Start a small test under the licence to try, or a pilot through the dead-end gate."
      ),
      try .post(
        "\(programme)/experiments/{id}/conclude",
        .ideas,
        LoopClosureAPI.concludeExperiment,
        at: service,
        services,
        "Take the look: decide by the rules that were pre-registered."
      ),
      try .post(
        "\(programme)/experiments/{id}/stop",
        .ideas,
        LoopClosureAPI.stopExperiment,
        at: service,
        services,
        "Stop a test without a verdict."
      ),
      try .get(
        "\(programme)/licence",
        .ideas,
        LoopClosureAPI.licence,
        at: service,
        services,
        "What a team may still start this month without asking."
      ),
      try .get(
        "\(programme)/graves",
        .graveyard,
        LoopClosureAPI.graveyard,
        at: service,
        services,
        "What was tried and did not work, with its lesson."
      ),
      try .post("\(programme)/graves", .graveyard, LoopClosureAPI.digGrave, at: service, services, "Dig a grave."),
      try .post(
        "\(programme)/graves/{id}/visit",
        .graveyard,
        LoopClosureAPI.visitGrave,
        at: service,
        services,
        "Pay tribute, reuse the lesson, or raise it again."
      ),
    ]
  }

  private static func spreading(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
      try .get(
        "\(programme)/adoption",
        .adoption,
        LoopClosureAPI.adoption,
        at: service,
        services,
        "How far ideas have spread, team by team."
      ),
      try .post(
        "\(programme)/adoption",
        .adoption,
        LoopClosureAPI.changeAdoption,
        at: service,
        services,
        "A team's next step with an idea."
      ),
      try .get(
        "\(programme)/teams/{team}/agenda",
        .meetings,
        LoopClosureAPI.agenda,
        at: service,
        services,
        "What to talk about at the next huddle."
      ),
      try .post(
        "\(programme)/teams/{team}/huddles",
        .meetings,
        LoopClosureAPI.holdHuddle,
        at: service,
        services,
        "Record a huddle and what came of it."
      ),
      try .post(
        "\(programme)/teams/{team}/coaching",
        .meetings,
        LoopClosureAPI.recordCoaching,
        at: service,
        services,
        "Record that a colleague was helped."
      ),
      try .get(
        "\(programme)/digest",
        .meetings,
        LoopClosureAPI.digest,
        at: service,
        services,
        "What we tried in a week: what worked and what did not, with the same room."
      ),
    ]
  }

  private static func goals(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.goalSetting
    return [
      try .get(
        "\(programme)/goals",
        .goals,
        GoalSettingAPI.goals,
        at: service,
        services,
        "Goals on behaviour, with progress."
      ),
      try .post(
        "\(programme)/goals",
        .goals,
        GoalSettingAPI.setGoal,
        at: service,
        services,
        "Set a goal; a target on a score is refused with scoreTargetForbidden."
      ),
      try .post(
        "\(programme)/goals/{id}/withdraw",
        .goals,
        GoalSettingAPI.withdrawGoal,
        at: service,
        services,
        "Withdraw a running goal."
      ),
      try .get(
        "\(programme)/tunnel-vision",
        .goals,
        GoalSettingAPI.tunnelVision,
        at: service,
        services,
        "Whether the goals make us lose something from sight."
      ),
      try .get(
        "\(programme)/ledger",
        .partnership,
        GoalSettingAPI.ledger,
        at: service,
        services,
        "The joint ledger that all partners read."
      ),
      try .post(
        "\(programme)/ledger",
        .partnership,
        GoalSettingAPI.postLedger,
        at: service,
        services,
        "Share out a gain or a loss."
      ),
      try .post(
        "\(programme)/partnerships",
        .partnership,
        GoalSettingAPI.agreePartnership,
        at: service,
        services,
        "Agree who shares how much of what is risked and gained."
      ),
      try .post(
        "\(programme)/safe-harbours",
        .partnership,
        GoalSettingAPI.openSafeHarbour,
        at: service,
        services,
        "Exempt what happens inside an experiment from penalty reports."
      ),
    ]
  }
}
