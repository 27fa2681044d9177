import Contracts
import ServiceRuntime

/// Goals and partnerships: GoalSetting.
extension RouteTable {
  static func goals(_ services: ServiceCalls) throws -> [Route] {
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
