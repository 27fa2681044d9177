package import Contracts

/// Something that a team did and that a goal can count: one deed per entity, whatever number of events tells of it.
package struct Deed: Hashable, Sendable {
  package let programme: ID<Programme>
  package let kind: GoalKind
  /// What was done, so that it counts once: an idea's id, a case's id, an experiment's id …
  package let entity: String
  /// Who did it; nil where the event doesn't say, which then counts for the programme alone.
  package let team: ID<Team>?

  package init(
    programme: ID<Programme>,
    kind: GoalKind,
    entity: String,
    team: ID<Team>?
  ) {
    self.programme = programme
    self.kind = kind
    self.entity = entity
    self.team = team
  }
}

extension GoalKind {
  /// The event type that is named on the goal as its evidence; `Deed.init(of:)` knows the others that count as well.
  package var evidenceEventType: EventType {
    switch self {
    case .suggest: IdeaSubmitted.type
    case .test: ExperimentConcluded.type
    case .implement: IdeaAdvanced.type
    case .adopt: AdoptionChanged.type
    case .shareLesson: GraveDug.type
    case .closeLoop: CaseAdvanced.type
    case .coach: CoachingRecorded.type
    case .holdHuddle: HuddleHeld.type
    }
  }
}

extension Deed {
  /// A new idea. One that joined an earlier idea's cluster is a voice for that one, not another suggestion.
  package init?(of event: IdeaSubmitted) {
    guard event.idea.canonical == event.idea.id else { return nil }
    self.init(
      programme: event.programme,
      kind: .suggest,
      entity: event.idea.id.rawValue,
      team: event.idea.team
    )
  }

  /// A concluded test in full, whatever came out: refuted counts as confirmed does. One that saw too little to say
  /// anything, or whose arms were not filled as planned, has not been concluded in earnest.
  package init?(of event: ExperimentConcluded) {
    guard let verdict = event.experiment.verdict, verdict.earnsCredit, verdict.outcome != .invalid else { return nil }
    self.init(
      programme: event.programme,
      kind: .test,
      entity: event.experiment.id.rawValue,
      team: event.experiment.team
    )
  }

  /// An idea put to work. Verifying it later is the same deed.
  package init?(of event: IdeaAdvanced) {
    guard event.idea.state == .implemented || event.idea.state == .verified else { return nil }
    self.init(
      programme: event.programme,
      kind: .implement,
      entity: event.idea.id.rawValue,
      team: event.idea.implementedBy ?? event.idea.team
    )
  }

  /// Another team's idea in use. Using one's own is implementing it.
  package init?(of event: AdoptionChanged) {
    let adoption = event.adoption
    guard adoption.state == .inUse || adoption.state == .sustained, adoption.team != adoption.originator else {
      return nil
    }
    self.init(programme: event.programme, kind: .adopt, entity: event.key, team: adoption.team)
  }

  /// An attempt laid to rest with its lesson.
  package init(of event: GraveDug) {
    self.init(
      programme: event.programme,
      kind: .shareLesson,
      entity: event.grave.id.rawValue,
      team: event.grave.team
    )
  }

  /// A lesson that somebody used before a test: shared once more, by the team that learned it.
  package init(of event: LessonReused) {
    self.init(
      programme: event.programme,
      kind: .shareLesson,
      entity: "\(event.grave)/\(event.experiment)",
      team: event.team
    )
  }

  /// A case closed. Closing it again after it was reopened is the same deed.
  package init?(of event: CaseAdvanced) {
    guard event.case.state == .closed else { return nil }
    self.init(programme: event.programme, kind: .closeLoop, entity: event.key, team: event.case.team)
  }

  /// The last of three receipts. For a case that was closed before it is the same deed.
  /// - Parameter team: the team of the case that it closes, where it closes one.
  package init?(of event: ReceiptGiven, team: ID<Team>?) {
    guard event.closure.isComplete else { return nil }
    self.init(programme: event.programme, kind: .closeLoop, entity: event.closure.subject, team: team)
  }

  /// A colleague helped. The record has no id of its own: team, coach and time tell one from another.
  package init(of event: CoachingRecorded) {
    self.init(
      programme: event.programme,
      kind: .coach,
      entity: "\(event.team)/\(event.coach?.rawValue ?? "")/\(event.at)",
      team: event.team
    )
  }

  /// A huddle held.
  package init(of event: HuddleHeld) {
    self.init(
      programme: event.programme,
      kind: .holdHuddle,
      entity: event.huddle.id.rawValue,
      team: event.huddle.team
    )
  }
}
