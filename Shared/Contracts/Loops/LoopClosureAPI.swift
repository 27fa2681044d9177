/// What LoopClosure answers: cases, ideas, tests, graves, adoption, the outer loop and its receipts.
public enum LoopClosureAPI {
  static let service = "loopclosure.v1"

  // The inner loop.
  public static let cases = Query<CasesRequest, CaseList>(service, "Cases")
  public static let openCase = Command<OpenCase, Case>(service, "OpenCase")
  public static let advanceCase = Command<AdvanceCase, Case>(service, "AdvanceCase")
  public static let mergeCases = Command<MergeCases, Case>(service, "MergeCases")

  // The outer loop and its receipts.
  public static let outerItems = Query<OuterItemsRequest, OuterItemList>(service, "OuterItems")
  public static let escalate = Command<Escalate, OuterItem>(service, "Escalate")
  public static let decide = Command<Decide, OuterItem>(service, "Decide")
  public static let giveReceipt = Command<GiveReceipt, Closure>(service, "GiveReceipt")
  public static let closures = Query<ClosuresRequest, ClosureReport>(service, "Closures")
  public static let notices = Query<NoticesRequest, NoticeList>(service, "Notices")
  public static let setNotices = Command<SetNotices, NoticePreference>(service, "SetNotices")

  // Ideas and tests.
  public static let ideas = Query<IdeasRequest, IdeaList>(service, "Ideas")
  public static let submitIdea = Command<SubmitIdea, SubmittedIdea>(service, "SubmitIdea")
  public static let advanceIdea = Command<AdvanceIdea, Idea>(service, "AdvanceIdea")
  public static let mergeIdeas = Command<MergeIdeas, Idea>(service, "MergeIdeas")
  public static let supportIdea = Command<SupportIdea, Idea>(service, "SupportIdea")
  public static let experiments = Query<ExperimentsRequest, ExperimentList>(service, "Experiments")
  public static let startExperiment = Command<StartExperiment, Experiment>(service, "StartExperiment")
  public static let concludeExperiment = Command<ConcludeExperiment, Experiment>(service, "ConcludeExperiment")
  public static let stopExperiment = Command<StopExperiment, Experiment>(service, "StopExperiment")
  public static let licence = Query<LicenceRequest, LicenceReport>(service, "Licence")

  // The graveyard.
  public static let graveyard = Query<GraveyardRequest, GraveList>(service, "Graveyard")
  public static let digGrave = Command<DigGrave, Grave>(service, "DigGrave")
  public static let visitGrave = Command<VisitGrave, Grave>(service, "VisitGrave")

  // Spreading.
  public static let adoption = Query<AdoptionRequest, AdoptionList>(service, "Adoption")
  public static let changeAdoption = Command<ChangeAdoption, Adoption>(service, "ChangeAdoption")

  // Meeting and telling.
  public static let agenda = Query<AgendaRequest, HuddleAgenda>(service, "Agenda")
  public static let holdHuddle = Command<HoldHuddle, Huddle>(service, "HoldHuddle")
  public static let recordCoaching = Command<RecordCoaching, CoachingRecorded>(service, "RecordCoaching")
  public static let digest = Query<DigestRequest, Digest>(service, "Digest")
}
