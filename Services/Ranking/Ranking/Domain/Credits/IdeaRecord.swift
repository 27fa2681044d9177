package import Contracts

/// What the credit rules need to know about an idea.
package struct IdeaRecord: Codable, Hashable, Sendable {
  package var id: ID<Idea>
  package var canonical: ID<Idea>
  package var team: ID<Team>?
  package var author: ID<Employee>?
  package var authorName: String
  package var title: String
  package var novelty: Double
  package var submittedAt: Timestamp
  package var opportunity: ID<Opportunity>?
  package var isMerged: Bool
  /// Accepted by someone who isn't of the same team, and not declined since.
  package var isAccepted: Bool
  package var isImplemented: Bool
  package var implementedBy: ID<Team>?
  package var isVerified: Bool

  package init(_ idea: Idea) {
    id = idea.id
    canonical = idea.canonical
    team = idea.team
    author = idea.author
    authorName = idea.authorName
    title = idea.title
    novelty = idea.novelty
    submittedAt = idea.submittedAt
    opportunity = idea.opportunity
    isMerged = false
    isAccepted = false
    isImplemented = false
    isVerified = false
    follow(idea)
  }

  /// Takes over what an event says about the idea itself.
  private mutating func follow(_ idea: Idea) {
    canonical = idea.canonical
    team = idea.team ?? team
    opportunity = idea.opportunity ?? opportunity
    isMerged = idea.canonical != idea.id
  }

  /// The idea moved on.
  /// - Parameter isOwnReview: whoever moved it is of the idea's own team. A team's own reviews do not count: they
  ///   neither accept nor verify anything here.
  package mutating func advance(to idea: Idea, from: Open<IdeaState>, isOwnReview: Bool) {
    follow(idea)
    switch idea.state.known {
    case .accepted, .testing:
      if !isOwnReview { isAccepted = true }
    case .implemented:
      if !isOwnReview { isAccepted = true }
      isImplemented = true
      implementedBy = idea.implementedBy ?? idea.team
    case .verified, .scaled:
      isImplemented = true
      implementedBy = idea.implementedBy ?? implementedBy ?? idea.team
      if idea.verifiedAt != nil, !isOwnReview || idea.verifiedBy == "event data" {
        isAccepted = true
        isVerified = true
      }
    case .declined:
      // An idea that was tested and found wanting was an honest attempt: it keeps what the suggestion earned.
      if from != .testing { isAccepted = false }
      isImplemented = false
      isVerified = false
    case .submitted, .merged, nil: break
    }
  }

  /// It was joined to another idea, or taken apart from it.
  package mutating func join(_ idea: Idea, isUndone: Bool) {
    follow(idea)
    isMerged = !isUndone
    if isUndone { canonical = idea.id }
  }

  /// Whoever's suggestion it is, for the limit per person.
  package var person: String { author?.rawValue ?? "\(team?.rawValue ?? "")/\(authorName)" }

  /// The person's week in which it was suggested, counted from Monday, 5 January 1970 (UTC).
  package var week: Int { Int((submittedAt.milliseconds - 4 * 86_400_000).flooredDivided(by: 7 * 86_400_000)) }
}

extension Int64 {
  fileprivate func flooredDivided(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
