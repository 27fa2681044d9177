import Contracts
import Foundation
import TestSupport
import Testing

/// What a service couldn't apply can be seen, tried again and given up from the command line.
@Suite struct DeadLetterTests {
  private struct Entry: Decodable {
    var service: String
    var deadLetter: DeadLetterNotice
  }

  private func entries(_ cluster: Cluster) async throws -> [Entry] {
    try await cluster.run("dead-letters", "--json").lastLine(as: [Entry].self)
  }

  @Test(.timeLimit(.minutes(3))) func aRecordThatWasSetAsideIsListedRetriedAndDiscarded() async throws {
    try await Cluster.with { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.waitUntilCaughtUp()
      let published = try await cluster.run("publish", "the bag was lost", "--programme", "northwind")
      #expect(published.status == 0, "\(published.errors)")
      try await cluster.waitUntilCaughtUp()
      #expect(try await entries(cluster).isEmpty)

      #expect(cluster.stop("ranking") == 0)
      // Nothing of Ranking's follows this stream, so the record can't be applied however often it is tried.
      try DeadLetterPlant.plant(
        in: cluster.data.appending(component: "ranking.sqlite"),
        from: cluster.data.appending(component: "ingestion.sqlite"),
        journal: "ingestion",
        as: "ingestion.scores"
      )
      try cluster.start("ranking")
      try await cluster.waitUntilReady()

      let entry = try #require(try await entries(cluster).first)
      #expect(entry.service == "ranking" && entry.deadLetter.programme == "northwind")
      #expect(entry.deadLetter.type == FeedbackRecorded.type && entry.deadLetter.attempts == 1)
      let table = try await cluster.run("dead-letters", "--of", "ranking")
      #expect(table.status == 0 && table.text.contains("feedback.recorded"), "\(table.text)")

      #expect(cluster.stop("loop-closure") == 0)
      let others = try await cluster.run("dead-letters", "--timeout", "1")
      #expect(others.status == 69 && others.text.contains("feedback.recorded"), "\(others.text)\(others.errors)")
      #expect(others.errors.contains("loop-closure: "), "\(others.errors)")
      try cluster.start("loop-closure")

      let id = "\(entry.deadLetter.id)"
      let retried = try await cluster.run("dead-letters", "retry", "ranking", id)
      #expect(retried.status == 1 && retried.errors.contains("notFollowed"), "\(retried.errors)")
      #expect(try await entries(cluster).map(\.deadLetter.attempts) == [2])

      let discarded = try await cluster.run("dead-letters", "discard", "ranking", id)
      #expect(discarded.status == 0, "\(discarded.errors)")
      #expect(try await entries(cluster).isEmpty)
      let again = try await cluster.run("dead-letters", "discard", "ranking", id)
      #expect(again.status == 1 && again.errors.contains("dead letter"), "\(again.errors)")
    }
  }
}
