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
    problems += doubled(titles, "titles of ideas") + doubled(behaviours, "behaviours of goals")
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
    return problems + revisionProblems() + directoryProblems()
  }

  /// The revisions that were acknowledged are there, or later ones. Of what was withdrawn nobody can tell any more.
  private func revisionProblems() -> [String] {
    var written: [String: Int] = [:]
    for record in records(of: FeedbackRecorded.type, on: .ingestion) {
      guard let feedback = try? record.decode(FeedbackRecorded.self).feedback else { continue }
      written[record.key] = max(written[record.key] ?? 0, feedback.revision)
    }
    for record in records(of: FeedbackRevised.type, on: .ingestion) {
      guard let feedback = try? record.decode(FeedbackRevised.self).feedback else { continue }
      written[record.key] = max(written[record.key] ?? 0, feedback.revision)
    }
    let erased = Set(keys(of: FeedbackErased.type, on: .ingestion))
    return acknowledgements.flatMap { acknowledgement -> [String] in
      guard !acknowledgement.isVoid, case .feedback(let ids) = acknowledgement.receipt,
        case .publish(let request, let names) = acknowledgement.errand.command
      else { return [] }
      return zip(names, request.events).compactMap { name, event in
        guard let id = ids[name]?.rawValue, !erased.contains(id) else { return nil }
        let revision = Workload.revision(of: event)
        return written[id] ?? 0 >= revision
          ? nil : "revision \(revision) of \(name) was acknowledged, the journal has \(written[id] ?? 0)"
      }
    }
  }

  /// What was acknowledged to be in the directory has been there, just as it was set.
  private func directoryProblems() -> [String] {
    let programmes = Set(
      records(of: ProgrammeSet.type, on: .directory).compactMap { try? $0.decode(ProgrammeSet.self).value }
    )
    let teams = Set(records(of: TeamSet.type, on: .directory).compactMap { try? $0.decode(TeamSet.self).team })
    let employees = Set(
      records(of: EmployeeSet.type, on: .directory).compactMap { try? $0.decode(EmployeeSet.self).employee }
    )
    return acknowledgements.compactMap { acknowledgement in
      guard !acknowledgement.isVoid else { return nil }
      let isThere: Bool? =
        switch acknowledgement.errand.command {
        case .setProgramme(let request): programmes.contains(request.value)
        case .setTeam(let request): teams.contains(request.team)
        case .setEmployee(let request): employees.contains(request.employee)
        case .publish, .withdraw, .submitIdea, .setGoal: nil
        }
      return isThere == false ? "\(acknowledgement.errand.command) was acknowledged, and isn't in the journal" : nil
    }
  }

  /// Every title is an errand's own, so one that is there twice was submitted twice.
  private var titles: [String] {
    records(of: IdeaSubmitted.type, on: .loopClosure).compactMap { try? $0.decode(IdeaSubmitted.self).idea.title }
  }

  /// So is every behaviour.
  private var behaviours: [String] {
    records(of: GoalSet.type, on: .goalSetting).compactMap { try? $0.decode(GoalSet.self).goal.behaviour }
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
