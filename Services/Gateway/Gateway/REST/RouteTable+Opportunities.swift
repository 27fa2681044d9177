import Contracts
import ServiceRuntime

/// What customers ask for: Ingestion and Ranking.
extension RouteTable {
  static func feedback(_ services: ServiceCalls, _ own: OwnRoutes) throws -> [Route] {
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

  static func opportunities(_ services: ServiceCalls) throws -> [Route] {
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
    ]
  }

  static func standings(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.ranking
    return [
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
}
