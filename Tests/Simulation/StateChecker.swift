import Contracts
import LoopClosure
import Records
import Storage
import TestSupport

/// State is the fold of the journals: what a service holds must be what its own records, and those that it applied,
/// make of it.
struct StateChecker {
  let stores: [StoreFindings]
  /// Consumers, with the stream, that hold records which nobody else has any more.
  let haveDiverged: Set<String>

  func problems() -> [String] {
    let services = Dictionary(grouping: stores, by: \.service).sorted { $0.key < $1.key }
    return stores.flatMap(teamProblems)
      + services.flatMap { service, members in
        feedbackProblems(service, members) + itemProblems(service, members) + ownProblems(service, members)
      }
  }

  private func record(_ source: Ownership.Upstream, _ position: UInt64) -> Records.Record? {
    for store in stores where store.instance == source.instance {
      // Positions are dense from 1.
      guard let records = store.journals.records[source.stream], position >= 1, position <= records.count else {
        continue
      }
      return records[Int(position) - 1]
    }
    return nil
  }

  /// What the instances of a service have applied of a stream, whoever wrote it.
  private func applied(_ members: [StoreFindings], _ stream: StreamName) -> [AppliedLedger.Entry] {
    members.flatMap(\.ledger).filter { $0.source?.stream == stream }
  }

  private func appliedKeys(_ members: [StoreFindings], _ type: EventType, _ stream: StreamName) -> [String] {
    applied(members, stream).filter { $0.type == type }.map(\.key)
  }

  private func ownKeys(_ members: [StoreFindings], _ type: EventType, _ stream: StreamName) -> [String] {
    members.flatMap { $0.journals.records[stream, default: []] }.filter { $0.type == type }.map(\.key)
  }

  private func compare(_ what: String, _ held: [String], _ expected: [String]) -> [String] {
    let (held, expected) = (held.sorted(), Set(expected).sorted())
    guard held != expected else { return [] }
    let missing = Set(expected).subtracting(held).sorted()
    let extra = Set(held).subtracting(expected).sorted()
    return ["\(what): \(held.count) held, \(expected.count) expected; missing \(missing), extra \(extra)"]
  }

  private func feedbackProblems(_ service: String, _ members: [StoreFindings]) -> [String] {
    let held = members.flatMap(\.tables.feedback)
    switch service {
    case "ingestion":
      return compare("ingestion's feedback", held, ownKeys(members, FeedbackRecorded.type, .ingestion))
    case "ranking", "loop-closure":
      let expected = Set(appliedKeys(members, FeedbackRecorded.type, .ingestion))
        .subtracting(appliedKeys(members, FeedbackErased.type, .ingestion))
      return compare("\(service)'s feedback", held, Array(expected))
    default: return []
    }
  }

  /// What LoopClosure keeps of feedback is what its last revision says.
  private func itemProblems(_ service: String, _ members: [StoreFindings]) -> [String] {
    guard service == "loop-closure", !haveDiverged.contains("loop-closure \(StreamName.ingestion)") else { return [] }
    let held = members.reduce(into: [:]) { $0.merge($1.tables.items) { first, _ in first } }
    var expected: [String: FeedbackItem] = [:]
    // Ingestion is alone, so that its positions are the order.
    for entry in applied(members, .ingestion).sorted(by: { $0.position < $1.position }) {
      guard let record = entry.source.flatMap({ record($0, entry.position) }) else { continue }
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
    let wrong = Set(expected.keys).union(held.keys).filter { expected[$0] != held[$0] }.sorted()
    return wrong.map { id in
      "loop-closure keeps \(held[id].map { "\($0)" } ?? "nothing") of \(id), not "
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
      : applied([store], .directory).filter { $0.type == TeamSet.type }
        .compactMap { entry in entry.source.flatMap { record($0, entry.position) } }
    var expected: [String: Team] = [:]
    for record in records {
      guard let team = try? record.decode(TeamSet.self).team else { return ["a team in the journal can't be read"] }
      expected["\(team.programme)/\(team.id)"] = team
    }
    return expected == store.tables.teams
      ? [] : ["\(store.name)'s teams are \(store.tables.teams), the journal says \(expected)"]
  }

  private func ownProblems(_ service: String, _ members: [StoreFindings]) -> [String] {
    switch service {
    case "loop-closure":
      return compare("the ideas", members.flatMap(\.tables.ideas), ownKeys(members, IdeaSubmitted.type, .loopClosure))
    case "gateway":
      let applied = appliedKeys(members, ScoreObserved.type, .scores).count
      let held = members.reduce(0) { $0 + $1.tables.scoreCount }
      return applied == held ? [] : ["the gateway has \(held) scores of \(applied) that it applied"]
    case "goal-setting":
      let deeds = members.flatMap(\.tables.deeds)
      return compare("deeds", deeds, appliedKeys(members, IdeaSubmitted.type, .loopClosure)) + goalProblems(members)
    default: return []
    }
  }

  /// A goal stands as the last record about it says.
  private func goalProblems(_ members: [StoreFindings]) -> [String] {
    let held = members.reduce(into: [:]) { $0.merge($1.tables.goals) { first, _ in first } }
    var expected: [String: Goal] = [:]
    for record in ownRecords(members, .goalSetting) {
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
    return expected == held ? [] : ["the goals are \(held), the journal says \(expected)"]
  }

  /// What the instances of a service have written, each programme's in its order.
  private func ownRecords(_ members: [StoreFindings], _ stream: StreamName) -> [Records.Record] {
    let order = ProgrammeOrder(members)
    let placed = members.flatMap { store in
      let source = Ownership.Upstream(stream: stream, instance: store.instance)
      return store.journals.records[stream, default: []].map { record in
        (order.place(of: record.position, in: source, programme: record.programme.rawValue), record)
      }
    }
    return placed.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
