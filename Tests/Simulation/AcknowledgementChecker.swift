import Contracts
import Records
import TestSupport

/// Compares what clients were told with what the stores hold.
struct AcknowledgementChecker {
  let stores: [StoreFindings]
  let acknowledgements: [Acknowledgement]

  func problems() -> [String] {
    var problems: [String] = []
    let recorded = keys(of: FeedbackRecorded.type, on: .ingestion)
    let erased = keys(of: FeedbackErased.type, on: .ingestion)
    let ideas = keys(of: IdeaSubmitted.type, on: .loopClosure)
    let goals = keys(of: GoalSet.type, on: .goalSetting)
    problems +=
      doubled(recorded, "feedback") + doubled(erased, "erasures") + doubled(ideas, "ideas") + doubled(goals, "goals")
    problems += doubled(titles, "titles of ideas")
    for acknowledgement in acknowledgements where !acknowledgement.isVoid {
      switch acknowledgement.receipt {
      case .directory: break
      case .feedback(let ids):
        for (event, id) in ids where !recorded.contains(id.rawValue) {
          problems.append("feedback \(event) was acknowledged as \(id), and isn't in the journal")
        }
      case .withdrawal(let ids):
        for (event, id) in ids where !erased.contains(id.rawValue) {
          problems.append("the withdrawal of \(event) was acknowledged as that of \(id), and isn't in the journal")
        }
      case .idea(let id, let title):
        if !ideas.contains(id.rawValue) {
          problems.append("'\(title)' was acknowledged as \(id), and isn't in the journal")
        }
      case .goal(let id):
        if !goals.contains(id.rawValue) { problems.append("goal \(id) was acknowledged, and isn't in the journal") }
      }
    }
    return problems + teamProblems()
  }

  /// The teams that were acknowledged are there, each as it was set last.
  private func teamProblems() -> [String] {
    let written = records(of: TeamSet.type, on: .directory).map { "\($0.programme)/\($0.key)" }
    return acknowledgements.compactMap { acknowledgement in
      guard !acknowledgement.isVoid, case .setTeam(let request) = acknowledgement.errand.command else { return nil }
      let name = "\(request.team.programme)/\(request.team.id)"
      return written.contains(name) ? nil : "team \(name) was acknowledged, and isn't in the journal"
    }
  }

  /// Every title is an errand's own, so one that is there twice was submitted twice.
  private var titles: [String] {
    records(of: IdeaSubmitted.type, on: .loopClosure).compactMap { try? $0.decode(IdeaSubmitted.self).idea.title }
  }

  private func records(of type: EventType, on stream: StreamName) -> [Records.Record] {
    stores.flatMap { $0.journals.records[stream, default: []] }.filter { $0.type == type }
  }

  private func keys(of type: EventType, on stream: StreamName) -> [String] {
    records(of: type, on: stream).map(\.key)
  }

  private func doubled(_ keys: [String], _ what: String) -> [String] {
    let extra = keys.count - Set(keys).count
    return extra == 0 ? [] : ["\(extra) \(what) are doubled in the journal"]
  }
}
