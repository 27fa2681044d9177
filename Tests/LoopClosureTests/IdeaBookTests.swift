import Contracts
import Foundation
import LoopClosure
import Records
import Storage
import TestSupport
import Testing

@Suite struct IdeaBookTests {
  private func submit(
    _ bench: LoopBench,
    _ title: String,
    _ text: String = "Keep a list of promised calls and tick them off",
    by actor: Principal = LoopBench.ana
  ) async throws -> SubmittedIdea {
    bench.clock.advance(by: .seconds(1))
    let request = SubmitIdea(
      programme: "telco",
      team: actor.team,
      author: actor.employee,
      title: title,
      text: text,
      coreComponents: ["list", "owner"]
    )
    return try await bench.command { try $0.ideas.submit(request, actor: actor, $1) }
  }

  private func advance(
    _ bench: LoopBench,
    _ id: ID<Idea>,
    _ to: IdeaState,
    by actor: Principal = LoopBench.maria
  ) async throws -> Idea {
    let request = AdvanceIdea(programme: "telco", id: id, to: .known(to))
    return try await bench.command { try $0.ideas.advance(request, actor: actor, $1) }
  }

  @Test func duplicatesJoinTheirClusterAndCanBeTakenOut() async throws {
    try await LoopBench.run { bench in
      let first = try await submit(bench, "Call customers back within an hour").idea
      let second = try await submit(bench, "Call customers back within one hour!", by: LoopBench.maria).idea
      #expect(first.novelty == 1 && second.state == .merged && second.canonical == first.id)
      #expect(second.novelty < 0.15 && second.nearest == first.id)
      let list = try await bench.query { try $0.ideas.ideas(IdeasRequest(programme: "telco", id: first.id), $1) }
      #expect(list.ideas.map(\.id) == [first.id, second.id] && list.ideas[0].supporters == ["ana", "maria"])
      let merged = try await bench.published(IdeaMerged.self)
      #expect(merged.count == 1 && merged[0].canonical.supporters == ["ana", "maria"] && !merged[0].isUndone)
      let undo = MergeIdeas(programme: "telco", id: second.id)
      let free = try await bench.command { try $0.ideas.merge(undo, actor: LoopBench.maria, $1) }
      #expect(free.state == .submitted && free.canonical == free.id && free.supporters == ["maria"])
      let left = try await bench.query { try $0.ideas.ideas(IdeasRequest(programme: "telco", id: first.id), $1) }
      #expect(left.ideas.map(\.supporters) == [["ana"]])
    }
  }

  @Test func chainsFollowTheirLeader() async throws {
    try await LoopBench.run { bench in
      let one = try await submit(bench, "Shorter invoices", "Print one page only").idea
      let two = try await submit(bench, "Opening hours", "Tell them on the phone", by: LoopBench.maria).idea
      let three = try await submit(bench, "Parking signs", "Paint an arrow on the wall").idea
      func merge(_ id: ID<Idea>, _ into: ID<Idea>?) async throws -> Idea {
        let request = MergeIdeas(programme: "telco", id: id, into: into)
        return try await bench.command { try $0.ideas.merge(request, actor: LoopBench.maria, $1) }
      }
      _ = try await merge(three.id, two.id)
      _ = try await merge(two.id, one.id)
      let cluster = try await bench.query { try $0.ideas.ideas(IdeasRequest(programme: "telco", id: one.id), $1) }
      #expect(cluster.ideas.count == 3 && cluster.ideas[0].supporters == ["ana", "maria"])
      // Taken out again, the second takes the third along.
      let free = try await merge(two.id, nil)
      #expect(free.supporters == ["maria", "ana"])
      let alone = try await bench.query { try $0.ideas.ideas(IdeasRequest(programme: "telco", id: one.id), $1) }
      #expect(alone.ideas.map(\.id) == [one.id] && alone.ideas[0].supporters == ["ana"])
      await #expect(throws: Fault.self) { try await merge(one.id, three.id) }
    }
  }

  @Test func aPersonDecidesWhatIsSimilar() async throws {
    try await LoopBench.run { bench in
      _ = try await submit(bench, "Call customers back within an hour of their first call")
      let similar = try await submit(
        bench,
        "Call customers back within an hour of a complaint",
        "Keep a list of complaints and tick calls off"
      )
      #expect(similar.idea.needsMergeDecision && similar.idea.state == .submitted && similar.similar.count == 1)
      let request = MergeIdeas(programme: "telco", id: similar.idea.id)
      let apart = try await bench.command { try $0.ideas.merge(request, actor: LoopBench.maria, $1) }
      #expect(!apart.needsMergeDecision && apart.state == .submitted)
    }
  }

  @Test func ideasSpreadAndSustain() async throws {
    try await LoopBench.run { bench in
      let idea = try await submit(bench, "Call customers back within an hour").idea
      _ = try await advance(bench, idea.id, .accepted)
      _ = try await advance(bench, idea.id, .implemented)
      await #expect(throws: Fault.self) { try await advance(bench, idea.id, .verified) }
      for (state, kept) in [(AdoptionState.offered, nil), (.trialled, nil), (.inUse, ["list", "owner"])] {
        let request = ChangeAdoption(
          programme: "telco",
          idea: idea.id,
          team: "braga",
          to: .known(state),
          keptComponents: kept
        )
        _ = try await bench.command { try $0.adoption.change(request, actor: LoopBench.maria, $1) }
      }
      bench.clock.advance(by: .days(30))
      try await bench.tick()
      try await bench.tick()
      #expect(
        try await bench.published(NoticeDelivered.self).count { $0.text.contains("can be verified") } == 1
      )
      #expect(try await advance(bench, idea.id, .verified).verifiedBy == "Maria")
      bench.clock.advance(by: .days(60))
      try await bench.tick()
      try await bench.tick()
      let sustained = try await bench.published(AdoptionChanged.self).filter { $0.adoption.state == .sustained }
      #expect(sustained.map(\.adoption.team).sorted() == ["braga", "porto"])
      #expect(sustained.allSatisfy { $0.adoption.originator == "porto" })
      let report = try #require(
        try await bench.query { try $0.adoption.reports(AdoptionRequest(programme: "telco"), $1).reports.first }
      )
      #expect(report.eligible == 3 && abs(report.share - 2.0 / 3) < 1e-12)
    }
  }

  @Test func noticesAreLoggedAndRespectWishes() async throws {
    try await LoopBench.run { bench in
      let idea = try await submit(bench, "Call customers back within an hour").idea
      for supporter in ["rui", "maria"] {
        let request = SupportIdea(programme: "telco", id: idea.id, supporter: supporter)
        _ = try await bench.command { try $0.ideas.support(request, $1) }
      }
      let wish = SetNotices(programme: "telco", recipient: "rui", wantsNotices: false)
      _ = try await bench.command { try $0.notices.setNotices(wish, $1) }
      _ = try await advance(bench, idea.id, .accepted)
      let notices = try await bench.published(NoticeDelivered.self)
      #expect(notices.map(\.recipient) == ["ana", "rui", "maria"])
      #expect(notices.map(\.delivery) == [.known(.shown), .known(.optedOut), .known(.ownAction)])
      let inbox = try await bench.query {
        try $0.notices.notices(NoticesRequest(programme: "telco", recipient: "ana"), $1)
      }
      #expect(inbox.notices.count == 1)
    }
  }
}
