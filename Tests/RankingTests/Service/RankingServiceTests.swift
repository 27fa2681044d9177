import Contracts
import GRDB
import Messaging
import ServiceRuntime
import Storage
import TestSupport
import Testing

@testable import Ranking

/// The service as it runs, among stand-ins for the services it follows.
@Suite struct RankingServiceTests {
  private static let programme: ID<Programme> = "telco"

  private func upstream(_ profile: ServiceProfile) -> ServiceDefinition {
    ServiceDefinition(profile) { _ in ServiceBlueprint(migrations: []) }
  }

  private func feedback(_ index: Int, _ text: String, at time: Timestamp) throws -> Feedback {
    var feedback: Feedback = try JSONSchema.specimen(of: Feedback.self)
    feedback.id = ID("feedback-\(index)")
    feedback.programme = RankingServiceTests.programme
    feedback.text = text
    feedback.language = "en"
    feedback.channel = .known(.call)
    feedback.occurredAt = time
    feedback.receivedAt = time
    feedback.adaptation = nil
    return feedback
  }

  private func publish(_ texts: [String], from first: Int = 0, _ ingestion: RunningService) async throws {
    for (offset, text) in texts.enumerated() {
      let recorded = FeedbackRecorded(
        feedback: try feedback(first + offset, text, at: Timestamp(milliseconds: 1_795_348_800_000))
      )
      _ = try await ingestion.store.write { try $0.append(recorded) }
    }
  }

  private func waitForItems(_ count: Int, _ client: CallClient) async throws {
    let request = OpportunitiesRequest(programme: RankingServiceTests.programme)
    try await waitUntil("\(count) items") {
      try await client.call(RankingAPI.opportunities, request).items == count
    }
  }

  private func startDirectory(_ harness: ServiceHarness) async throws {
    let gateway = try await harness.start(upstream(.gateway))
    let programme = Programme(id: RankingServiceTests.programme, name: "Telco")
    _ = try await gateway.store.write { try $0.append(ProgrammeSet(value: programme)) }
  }

  @Test func feedbackIdeasAndDecisionsMeet() async throws {
    try await withServiceHarness { harness in
      try await startDirectory(harness)
      let ingestion = try await harness.start(upstream(.ingestion))
      let loops = try await harness.start(upstream(.loopClosure))
      try await harness.start(Ranking.definition, ["--items-to-open", "3"])
      let client = try harness.client(of: .ranking, as: Principal(role: .manager, name: "maria"))
      let programme = RankingServiceTests.programme
      try await waitUntil("the directory is known") {
        do {
          return try await client.call(RankingAPI.opportunities, OpportunitiesRequest(programme: programme)).total == 0
        } catch let fault as Fault where fault.reason == "unknownProgramme" {
          return false
        }
      }
      try await publish(Corpus.items(60, seed: 1).map(\.text), ingestion)
      try await waitForItems(60, client)
      let search = OpportunitiesRequest(programme: programme, search: "lost luggage")
      let found = try #require(try await client.call(RankingAPI.opportunities, search).opportunities.first?.opportunity)
      let named = try await client.call(
        RankingAPI.rename,
        RenameOpportunity(programme: programme, id: found.id, title: "Bags that never arrive")
      )
      #expect(named.title == "Bags that never arrive")

      var idea: Idea = try JSONSchema.specimen(of: Idea.self)
      idea.programme = programme
      idea.opportunity = found.id
      idea.team = "porto"
      idea.novelty = 1
      idea.state = .known(.accepted)
      idea.canonical = idea.id
      let submitted = IdeaSubmitted(idea: idea)
      let accepted = IdeaAdvanced(idea: idea, from: .known(.submitted), by: "maria")
      _ = try await loops.store.write { transaction in
        try transaction.append(submitted)
        try transaction.append(accepted)
      }
      try await waitUntil("credit was given") {
        try await client.call(RankingAPI.credits, CreditsRequest(programme: programme)).credits.map(\.amount) == [1]
      }
      let detail = try await client.call(
        RankingAPI.opportunity,
        OpportunityRequest(programme: programme, id: found.id)
      )
      #expect(detail.opportunity.ideas == [idea.id] && detail.opportunity.title == "Bags that never arrive")
      #expect(detail.evidence.count == detail.opportunity.items)
      let teams = try await client.call(RankingAPI.teams, TeamsRequest(programme: programme))
      #expect(teams.standings.map(\.team) == ["porto"])
      #expect(try await client.call(OperationsAPI.status, StatusRequest()).deadLetters == 0)
    }
  }

  @Test func aKilledServiceGoesOnWhereItStoodAndAReplayGivesTheSame() async throws {
    let texts = Corpus.items(120, seed: 5).map(\.text)
    func outcome(interrupted: Bool) async throws -> [Opportunity] {
      try await withServiceHarness { harness in
        try await startDirectory(harness)
        let ingestion = try await harness.start(upstream(.ingestion))
        var ranking = try await harness.start(Ranking.definition)
        let client = try harness.client(of: .ranking)
        for part in 0..<4 {
          try await publish(Array(texts[(30 * part)..<(30 * part + 30)]), from: 30 * part, ingestion)
          if interrupted, part % 2 == 0 {
            await ranking.breakOff()
            ranking = try await harness.start(Ranking.definition)
          }
        }
        try await waitForItems(120, client)
        try await ranking.store.write { transaction in
          while try OpportunityUpkeep(cache: ThemeCache()).refresh(transaction) {}
        }
        let request = OpportunitiesRequest(programme: RankingServiceTests.programme, limit: 50)
        return try await client.call(RankingAPI.opportunities, request).opportunities.map(\.opportunity)
      }
    }
    let undisturbed = try await outcome(interrupted: false)
    let disturbed = try await outcome(interrupted: true)
    #expect(!undisturbed.isEmpty)
    #expect(undisturbed.map(\.id) == disturbed.map(\.id))
    #expect(undisturbed.map(\.items) == disturbed.map(\.items))
  }

  @Test func scoresNeitherReachItNorFindRoom() async throws {
    let consumers = RankingConsumers.all(feedback: FeedbackDesk(cache: ThemeCache()), credits: CreditDesk())
    let allowed = AllowList.streams(for: .ranking)
    for consumer in consumers {
      #expect(consumer.stream != .scores)
      let types = try #require(allowed[consumer.stream])
      if let types { #expect(consumer.types.isSubset(of: types)) }
    }
    #expect(!AllowList.permits(.ranking, toRead: .scores))
    #expect(!consumers.flatMap(\.types).contains(ScoreObserved.type))
    try await withTemporaryStore(streams: [.ranking], migrations: RankingSchema.migrations) { store in
      let columns = try await store.read { database in
        let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        return try tables.flatMap { try database.columns(in: $0).map { $0.name.lowercased() } }
      }
      for word in ["score", "nps", "csat", "ces", "stars"] { #expect(!columns.contains { $0.contains(word) }) }
    }
  }

  @Test func scoresBesideTheWordsChangeNothing() async throws {
    try await withServiceHarness { harness in
      try await startDirectory(harness)
      let ingestion = try await harness.start(upstream(.ingestion))
      let ranking = try await harness.start(Ranking.definition)
      let client = try harness.client(of: .ranking)
      try await publish(["They lost my luggage"], ingestion)
      try await waitUntil("the directory and the first words came") {
        do {
          let request = OpportunitiesRequest(programme: RankingServiceTests.programme)
          return try await client.call(RankingAPI.opportunities, request).items == 1
        } catch let fault as Fault where fault.reason == "unknownProgramme" {
          return false
        }
      }
      var score: ScoreObserved = try JSONSchema.specimen(of: ScoreObserved.self)
      score.programme = RankingServiceTests.programme
      let observed = score
      _ = try await ingestion.store.write { try $0.append(observed) }
      try await publish(["They lost my luggage again"], from: 1, ingestion)
      try await waitForItems(2, client)
      let cursors = try await ranking.store.read { database in
        try String.fetchAll(database, sql: "SELECT stream FROM cursors")
      }
      #expect(!cursors.contains(StreamName.scores.rawValue))
    }
  }
}
