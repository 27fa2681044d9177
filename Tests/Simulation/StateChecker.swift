import Contracts
import LoopClosure
import Records
import TestSupport

/// State is the fold of the journals: what a service holds must be what its own records, and those that it applied,
/// make of it.
struct StateChecker {
  let stores: [StoreFindings]
  /// Consumers, with the stream, that hold records which nobody else has any more.
  let haveDiverged: Set<String>

  func problems() -> [String] {
    stores.flatMap { feedbackProblems($0) + itemProblems($0) + teamProblems($0) + ownProblems($0) }
  }

  private func record(_ stream: StreamName, _ position: UInt64) -> Records.Record? {
    for store in stores {
      // Positions are dense from 1.
      guard let records = store.journals.records[stream], position >= 1, position <= records.count else { continue }
      return records[Int(position) - 1]
    }
    return nil
  }

  private func appliedKeys(_ store: StoreFindings, _ type: EventType, _ stream: StreamName) -> [String] {
    store.applied[stream, default: []].filter { $0.type == type }.map(\.key)
  }

  private func ownKeys(_ store: StoreFindings, _ type: EventType, _ stream: StreamName) -> [String] {
    store.journals.records[stream, default: []].filter { $0.type == type }.map(\.key)
  }

  private func compare(_ what: String, _ held: [String], _ expected: [String]) -> [String] {
    let (held, expected) = (held.sorted(), Set(expected).sorted())
    guard held != expected else { return [] }
    let missing = Set(expected).subtracting(held).sorted()
    let extra = Set(held).subtracting(expected).sorted()
    return ["\(what): \(held.count) held, \(expected.count) expected; missing \(missing), extra \(extra)"]
  }

  private func feedbackProblems(_ store: StoreFindings) -> [String] {
    switch store.service {
    case "ingestion":
      compare("ingestion's feedback", store.tables.feedback, ownKeys(store, FeedbackRecorded.type, .ingestion))
    case "ranking", "loop-closure":
      compare(
        "\(store.service)'s feedback",
        store.tables.feedback,
        Array(
          Set(appliedKeys(store, FeedbackRecorded.type, .ingestion))
            .subtracting(appliedKeys(store, FeedbackErased.type, .ingestion))
        )
      )
    default: []
    }
  }

  /// What LoopClosure keeps of feedback is what its last revision says.
  private func itemProblems(_ store: StoreFindings) -> [String] {
    guard store.service == "loop-closure", !haveDiverged.contains("loop-closure \(StreamName.ingestion)") else {
      return []
    }
    var expected: [String: FeedbackItem] = [:]
    for entry in store.applied[.ingestion, default: []] {
      guard let record = record(.ingestion, entry.position) else { continue }
      switch entry.type {
      case FeedbackRecorded.type:
        // A body that was erased can't be read; what it was about goes with its erasure, below.
        if let feedback = try? record.decode(FeedbackRecorded.self).feedback {
          expected[entry.key] = FeedbackItem(feedback)
        }
      case FeedbackRevised.type:
        if let feedback = try? record.decode(FeedbackRevised.self).feedback {
          expected[entry.key] = FeedbackItem(feedback)
        }
      case FeedbackErased.type: expected[entry.key] = nil
      default: break
      }
    }
    let wrong = Set(expected.keys).union(store.tables.items.keys).filter { expected[$0] != store.tables.items[$0] }
      .sorted()
    return wrong.map { id in
      "loop-closure keeps \(store.tables.items[id].map { "\($0)" } ?? "nothing") of \(id), not "
        + (expected[id].map { "\($0)" } ?? "nothing")
    }
  }

  /// Teams are what was said of them last, in the journal of the gateway or up to where a consumer has applied it.
  private func teamProblems(_ store: StoreFindings) -> [String] {
    guard store.service != "ingestion", !haveDiverged.contains("\(store.service) \(StreamName.directory)") else {
      return []
    }
    let records: [Records.Record] =
      store.service == "gateway"
      ? store.journals.records[.directory, default: []].filter { $0.type == TeamSet.type }
      : store.applied[.directory, default: []].filter { $0.type == TeamSet.type }
        .compactMap { record(.directory, $0.position) }
    var expected: [String: Team] = [:]
    for record in records {
      guard let team = try? record.decode(TeamSet.self).team else { return ["a team in the journal can't be read"] }
      expected["\(team.programme)/\(team.id)"] = team
    }
    return expected == store.tables.teams
      ? [] : ["\(store.service)'s teams are \(store.tables.teams), the journal says \(expected)"]
  }

  private func ownProblems(_ store: StoreFindings) -> [String] {
    switch store.service {
    case "loop-closure":
      return compare("the ideas", store.tables.ideas, ownKeys(store, IdeaSubmitted.type, .loopClosure))
    case "gateway":
      let applied = appliedKeys(store, ScoreObserved.type, .scores).count
      return applied == store.tables.scoreCount
        ? [] : ["the gateway has \(store.tables.scoreCount) scores of \(applied) that it applied"]
    case "goal-setting":
      return compare("deeds", store.tables.deeds, appliedKeys(store, IdeaSubmitted.type, .loopClosure))
        + goalProblems(store)
    default: return []
    }
  }

  /// A goal stands as the last record about it says.
  private func goalProblems(_ store: StoreFindings) -> [String] {
    var expected: [String: Goal] = [:]
    for record in store.journals.records[.goalSetting, default: []] {
      let goal: Goal? =
        switch record.type {
        case GoalSet.type: try? record.decode(GoalSet.self).goal
        case GoalProgressed.type: try? record.decode(GoalProgressed.self).goal
        case GoalAchieved.type: try? record.decode(GoalAchieved.self).goal
        case GoalEnded.type: try? record.decode(GoalEnded.self).goal
        default: nil
        }
      if let goal { expected[record.key] = goal }
    }
    return expected == store.tables.goals
      ? [] : ["the goals are \(store.tables.goals), the journal says \(expected)"]
  }
}
