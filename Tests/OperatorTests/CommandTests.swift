import ArgumentParser
import Contracts
import Foundation
import Testing

@testable import Operator

/// How the command line is spelled, and how lists look.
@Suite struct CommandTests {
  private func command<Value>(_ arguments: String..., as type: Value.Type) throws -> Value {
    try #require(try GroundswellCommand.parseAsRoot(arguments) as? Value)
  }

  @Test func listsAreWhatACommandDoesWithoutASubcommand() throws {
    let cases = try command(
      "cases",
      "--team",
      "porto",
      "--state",
      "open",
      "--limit",
      "3",
      as: ListCommand<CaseListing>.self
    )
    #expect(cases.filters.team.id == "porto" && cases.filters.state == ["open"] && cases.filters.limit == 3)
    _ = try command("outer", as: ListCommand<OuterListing>.self)
    _ = try command("outer", "closures", as: ListCommand<ClosureListing>.self)
    _ = try command("goals", "ledger", "--json", as: ListCommand<LedgerListing>.self)
    _ = try command("teams", "credits", "--team", "a", as: ListCommand<CreditListing>.self)
    _ = try command("programmes", as: ListCommand<ProgrammeListing>.self)
    _ = try command("opportunities", "--search", "late", as: ListCommand<OpportunityListing>.self)
  }

  @Test func anInstanceIsNamedAsItsStoreIs() throws {
    let retry = try command("dead-letters", "retry", "loop-closure-2", "7", as: RetryDeadLetterCommand.self)
    #expect(retry.choice.service.name == "loop-closure-2" && retry.choice.service.instance == 2)
    #expect(retry.choice.id == 7)
    #expect(ServiceMember(argument: "loop-closure/2") == retry.choice.service)
    let discard = try command("dead-letters", "discard", "goal-setting", "8", as: DiscardDeadLetterCommand.self)
    #expect(discard.choice.service.name == "goal-setting")
    #expect(try command("dead-letters", as: ListDeadLettersCommand.self).of == nil)
    for wrong in ["ranking-0", "ranking/x", "closure", "-1", "/"] { #expect(ServiceMember(argument: wrong) == nil) }
  }

  @Test func whatOneServiceCannotAnswerHidesNothingOfTheOthers() {
    func found(_ problems: [String]) -> CheckReport {
      CheckReport(
        service: "ranking",
        findings: IntegrityFindings(problems: problems, framesChecked: 2, recordsChecked: 3)
      )
    }
    let silent = CheckReport(service: "gateway", fault: Fault(.unavailable, reason: "noAnswer", "Nobody answers."))
    #expect(CheckReport.exitCode(of: [found([])]) == nil)
    #expect(CheckReport.exitCode(of: [silent, found(["a hole"])]) == ExitCode(1))
    #expect(CheckReport.exitCode(of: [silent, found([])]) == ExitCode(69))
    #expect(found(["a hole"]).text == "ranking: 3 records checked\n  a hole")
    #expect(silent.text == "gateway: not checked: Nobody answers. [noAnswer]")
  }

  @Test func aGoalsWindowIsSpelledByDays() throws {
    let goal = try command(
      "goals",
      "set",
      "test",
      "Try",
      "--target",
      "2",
      "--from",
      "2026-10-01",
      "--until",
      "2026-12-31T12:00:00Z",
      "--counter-metric",
      "calls",
      "--reward",
      "500.00EUR",
      as: SetGoalCommand.self
    )
    #expect(goal.from?.description == "2026-10-01T00:00:00.000Z")
    #expect(goal.until.description == "2026-12-31T12:00:00.000Z")
    #expect(goal.reward == Money(amount: 500, currency: "EUR"))
    let without = try command(
      "goals",
      "set",
      "test",
      "Try",
      "--target",
      "2",
      "--until",
      "2026-12-31",
      "--counter-metric",
      "calls",
      as: SetGoalCommand.self
    )
    #expect(without.from == nil)
  }

  @Test func whatCannotBeReadIsNamedBeforeAnythingIsSent() {
    let goal = ["goals", "set", "test", "Try", "--target", "2", "--counter-metric", "calls", "--until", "2026-12-31"]
    func refusal(_ more: String...) -> String {
      do {
        _ = try GroundswellCommand.parseAsRoot(goal + more)
        return "nothing was refused"
      } catch {
        return GroundswellCommand.fullMessage(for: error)
      }
    }
    #expect(refusal("--from", "soon").contains("'soon' is no time such as 2026-11-22"))
    #expect(refusal("--reward", "500").contains("'500' is no amount such as 500.00EUR"))
    #expect(refusal("--reward", "1\"0EUR").contains("is no amount such as 500.00EUR"))
  }

  @Test func tablesAlignWordsAndFigures() {
    let table = Table(
      [("a", 5), ("long one", 1200)],
      [.text("NAME") { $0.0 }, .figure("COUNT") { "\($0.1)" }, .text("WORDS") { "line\n of \($0.0) " }]
    )
    #expect(
      table.text(width: .max) == """
        NAME      COUNT  WORDS
        a             5  line of a
        long one   1200  line of long one
        """
    )
    #expect(table.text(width: 20).split(separator: "\n").map(\.count) == [20, 20, 20])
  }
}
