/// Who listens to what. A consumer is given these streams and none else, live or by replay: this is how scores stay
/// away from those who rank teams and set goals.
public enum AllowList {
  /// The service that a consumer or publisher is.
  public enum Consumer: String, Codable, Sendable, CaseIterable {
    case ingestion, ranking, goalSetting = "goal-setting", loopClosure = "loop-closure", gateway
  }

  /// Stream by stream, the types that a consumer takes; nil means all of the stream.
  public static func streams(for consumer: Consumer) -> [StreamName: Set<EventType>?] {
    switch consumer {
    case .ingestion:
      [.directory: nil]
    case .ranking:
      [
        .ingestion: [FeedbackRecorded.type, FeedbackRevised.type, FeedbackErased.type],
        .goalSetting: [GoalAchieved.type],
        .loopClosure: [
          IdeaSubmitted.type, IdeaAdvanced.type, IdeaMerged.type, LessonReused.type, ExperimentStarted.type,
          ExperimentConcluded.type, ExperimentStopped.type, GraveDug.type, GraveVisited.type, AdoptionChanged.type,
        ],
        .directory: nil,
      ]
    case .goalSetting:
      [.ranking: [RankingPublished.type], .loopClosure: nil, .directory: nil]
    case .loopClosure:
      [
        .ingestion: nil, .scores: nil, .observations: nil,
        .ranking: [
          OpportunityOpened.type, OpportunityGrown.type, OpportunityMerged.type, OpportunitySplit.type,
          OpportunityCurated.type,
        ],
        .goalSetting: [SafeHarbourOpened.type], .directory: nil,
      ]
    case .gateway:
      [
        .ingestion: nil, .scores: nil, .observations: nil, .ranking: nil, .goalSetting: nil, .loopClosure: nil,
      ]
    }
  }

  /// Whether a consumer may read a stream at all.
  public static func permits(_ consumer: Consumer, toRead stream: StreamName) -> Bool {
    streams(for: consumer).keys.contains(stream)
  }
}
