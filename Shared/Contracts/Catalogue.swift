/// Everything that is said and asked between services, in one list each: for reflection, documents and golden files.
public enum Catalogue {
  public static let events: [any Event.Type] = [
    ProgrammeSet.self, TeamSet.self, EmployeeSet.self, FeedbackRecorded.self, FeedbackRevised.self,
    FeedbackErased.self, ScoreObserved.self, ObservationRecorded.self, InteractionsCounted.self, GoalSet.self,
    GoalProgressed.self, GoalAchieved.self, GoalEnded.self, TunnelVisionFlagged.self, PartnershipAgreed.self,
    SafeHarbourOpened.self, LedgerPosted.self, AdoptionChanged.self, ExperimentStarted.self,
    ExperimentConcluded.self, ExperimentStopped.self, DeadEndFlagged.self, GraveDug.self, GraveVisited.self,
    IdeaSubmitted.self, IdeaAdvanced.self, IdeaMerged.self, LessonReused.self, CaseOpened.self, CaseAdvanced.self,
    ReceiptGiven.self, NoticeDelivered.self, HuddleHeld.self, CoachingRecorded.self, EscalationRaised.self,
    OuterItemAdvanced.self, CreditAwarded.self, RankingPublished.self, OpportunityOpened.self, OpportunityGrown.self,
    OpportunityMerged.self, OpportunitySplit.self, OpportunityCurated.self, DisruptionDetected.self,
  ]

  /// The methods of the services' own APIs.
  public static let methods: [any Method] = [
    DirectoryAPI.directory, DirectoryAPI.setProgramme, DirectoryAPI.setTeam, DirectoryAPI.setEmployee,
    IngestionAPI.publish, IngestionAPI.intake, IngestionAPI.feedback, IngestionAPI.coverage, IngestionAPI.erase,
    GoalSettingAPI.goals, GoalSettingAPI.setGoal, GoalSettingAPI.withdrawGoal, GoalSettingAPI.tunnelVision,
    GoalSettingAPI.agreePartnership, GoalSettingAPI.openSafeHarbour, GoalSettingAPI.postLedger,
    GoalSettingAPI.ledger,
    LoopClosureAPI.cases, LoopClosureAPI.openCase, LoopClosureAPI.advanceCase, LoopClosureAPI.mergeCases,
    LoopClosureAPI.outerItems, LoopClosureAPI.escalate, LoopClosureAPI.decide, LoopClosureAPI.giveReceipt,
    LoopClosureAPI.closures, LoopClosureAPI.notices, LoopClosureAPI.setNotices, LoopClosureAPI.ideas,
    LoopClosureAPI.submitIdea, LoopClosureAPI.advanceIdea, LoopClosureAPI.mergeIdeas, LoopClosureAPI.supportIdea,
    LoopClosureAPI.experiments, LoopClosureAPI.startExperiment, LoopClosureAPI.concludeExperiment,
    LoopClosureAPI.stopExperiment, LoopClosureAPI.licence, LoopClosureAPI.graveyard, LoopClosureAPI.digGrave,
    LoopClosureAPI.visitGrave, LoopClosureAPI.adoption, LoopClosureAPI.changeAdoption, LoopClosureAPI.agenda,
    LoopClosureAPI.holdHuddle, LoopClosureAPI.recordCoaching, LoopClosureAPI.digest,
    RankingAPI.opportunities, RankingAPI.opportunity, RankingAPI.rename, RankingAPI.pin, RankingAPI.mute,
    RankingAPI.estimate, RankingAPI.merge, RankingAPI.unmerge, RankingAPI.refile, RankingAPI.teams,
    RankingAPI.credits, RankingAPI.disruptions,
  ]

  /// What every service answers beside its own API, health, reflection and the journal.
  public static let operations: [any Method] = [
    OperationsAPI.status, OperationsAPI.deadLetters, OperationsAPI.retryDeadLetter, OperationsAPI.discardDeadLetter,
    OperationsAPI.backUp, OperationsAPI.discardBackUp, OperationsAPI.forgetFollower, OperationsAPI.checkIntegrity,
    OperationsAPI.releasePartitions, OperationsAPI.parcel, OperationsAPI.deliverParcel, OperationsAPI.adoptPartition,
    OperationsAPI.completeMove, OperationsAPI.rejectParcel, OperationsAPI.reclaimPartition,
  ]
}
