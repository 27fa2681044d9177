import Contracts
import ServiceRuntime

/// What is tried, learned and spread: LoopClosure.
extension RouteTable {
  static func ideas(_ services: ServiceCalls) throws -> [Route] {
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
    ]
  }

  static func experiments(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
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
    ]
  }

  static func graves(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
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

  static func spreading(_ services: ServiceCalls) throws -> [Route] {
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
}
