import Contracts
import ServiceRuntime

/// Customers and causes that are owed an answer: LoopClosure.
extension RouteTable {
  static func cases(_ services: ServiceCalls) throws -> [Route] {
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
    ]
  }

  static func outerLoop(_ services: ServiceCalls) throws -> [Route] {
    let service = ServiceProfile.loopClosure
    return [
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
}
