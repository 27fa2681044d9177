package import Contracts

/// Ideas that are one: who leads, who is behind it, and how to take them apart again.
///
/// Each idea keeps its own supporters. A cluster's supporters are reckoned from them, so that a merge counts every
/// person once and undoing it gives everyone back.
package enum IdeaCluster {
  /// A member with the people who support it of their own accord.
  package struct Member: Hashable, Sendable {
    package var idea: Idea
    package var ownSupporters: [String]
    /// The idea it was merged into directly; nil for the one that leads.
    package var mergedInto: ID<Idea>?
    package var stateBeforeMerge: Open<IdeaState>?

    package init(
      idea: Idea,
      ownSupporters: [String],
      mergedInto: ID<Idea>? = nil,
      stateBeforeMerge: Open<IdeaState>? = nil
    ) {
      self.idea = idea
      self.ownSupporters = ownSupporters
      self.mergedInto = mergedInto
      self.stateBeforeMerge = stateBeforeMerge
    }
  }

  /// Everyone behind a cluster, each once, in order of joining: the leader's first, then by age of idea.
  package static func supporters(of members: [Member]) -> [String] {
    let ordered = members.sorted { ($0.idea.submittedAt, $0.idea.id) < ($1.idea.submittedAt, $1.idea.id) }
    var seen: Set<String> = []
    return ordered.flatMap(\.ownSupporters).filter { seen.insert($0).inserted }
  }

  /// Joins `member`, the leader of its cluster, to `leader`'s.
  /// - Throws: `Fault`: `mergeIntoItself`, `alreadyMerged`, `alreadyUnderWay`, `mergeIntoEarlier`.
  package static func join(_ member: Member, to leader: Member) throws(Fault) -> Member {
    guard member.idea.id != leader.idea.id else {
      throw Fault(.invalidArgument, reason: "mergeIntoItself", "both are in one cluster already", field: "into")
    }
    guard member.mergedInto == nil else {
      throw Fault(
        .failedPrecondition,
        reason: "alreadyMerged",
        "idea \(member.idea.id) has been merged; take it out first",
        field: "id"
      )
    }
    guard [.submitted, .accepted, .declined].contains(member.idea.state.known) else {
      throw Fault(
        .failedPrecondition,
        reason: "alreadyUnderWay",
        "an idea that is \(member.idea.state.rawValue) stands for itself and can't be merged",
        field: "id"
      )
    }
    guard (leader.idea.submittedAt, leader.idea.id) < (member.idea.submittedAt, member.idea.id) else {
      throw Fault(
        .failedPrecondition,
        reason: "mergeIntoEarlier",
        "the earliest idea leads its cluster: merge \(leader.idea.id) into \(member.idea.id) instead",
        field: "into"
      )
    }
    var joined = member
    joined.mergedInto = leader.idea.id
    joined.stateBeforeMerge = member.idea.state
    joined.idea.state = .known(.merged)
    joined.idea.canonical = leader.idea.id
    joined.idea.needsMergeDecision = false
    return joined
  }

  /// Takes a member out again: it is what it was before, with those who had been merged into it.
  /// - Throws: `Fault` `notMerged`.
  package static func leave(_ member: Member) throws(Fault) -> Member {
    guard member.mergedInto != nil else {
      throw Fault(.failedPrecondition, reason: "notMerged", "idea \(member.idea.id) isn't merged", field: "id")
    }
    var free = member
    free.mergedInto = nil
    free.idea.state = member.stateBeforeMerge ?? .known(.submitted)
    free.stateBeforeMerge = nil
    free.idea.canonical = member.idea.id
    return free
  }
}
