import Contracts
import Foundation
package import ServiceRuntime

/// LoopClosure: cases and their clocks, the outer loop and its receipts, ideas, tests and their verdicts, graves, and
/// how what works spreads.
package enum LoopClosure {
  package static let caseUrgency = Setting<Double>.decimal(
    "case-urgency",
    default: LoopPolicy().caseUrgency,
    in: 0...1,
    "Complaints and reasons to leave at least this urgent open a case by themselves."
  )

  package static let caseFreshnessDays = Setting<Int>.integer(
    "case-freshness-days",
    default: 14,
    in: 1...365,
    "Feedback older than this many days opens no case by itself."
  )

  package static let firstContactHours = Setting<Int>.integer(
    "first-contact-hours",
    default: 24,
    in: 1...240,
    "Business hours until a customer has to be contacted."
  )

  package static let resolveHours = Setting<Int>.integer(
    "resolve-hours",
    default: 48,
    in: 1...480,
    "Business hours until a case has to be resolved."
  )

  package static let licenceLoss = Setting<Int>.integer(
    "licence-maximum-loss",
    default: 500,
    in: 0...1_000_000,
    "The most that a test under the licence may lose, where the programme doesn't say."
  )

  package static let licenceCurrency = Setting<String>.text(
    "licence-currency",
    default: "EUR",
    placeholder: "CODE",
    "The currency of licence-maximum-loss."
  ) { (code) throws(SettingProblem) in
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw SettingProblem("must be an ISO 4217 code such as EUR")
    }
  }

  package static let licenceCustomers = Setting<Int>.integer(
    "licence-customers",
    default: 100,
    in: 1...1_000_000,
    "The most customers that a test under the licence may touch, where the programme doesn't say."
  )

  package static let licenceTests = Setting<Int>.integer(
    "licence-tests",
    default: 4,
    in: 0...1000,
    "Tests that a team may start in a month without asking, where the programme doesn't say."
  )

  package static let definition = ServiceDefinition(
    .loopClosure,
    settings: [
      caseUrgency, caseFreshnessDays, firstContactHours, resolveHours, licenceLoss, licenceCurrency, licenceCustomers,
      licenceTests,
    ]
  ) { settings in
    var policy = LoopPolicy()
    policy.caseUrgency = settings[caseUrgency]
    policy.caseFreshness = .days(settings[caseFreshnessDays])
    policy.firstContactDue = .hours(settings[firstContactHours])
    policy.resolveDue = .hours(settings[resolveHours])
    policy.licence.maximumLoss = Money(amount: Decimal(settings[licenceLoss]), currency: settings[licenceCurrency])
    policy.licence.blastRadiusCustomers = settings[licenceCustomers]
    policy.licence.testsPerTeamAndMonth = settings[licenceTests]
    return blueprint(LoopBooks(policy: policy))
  }

  package static func blueprint(_ books: LoopBooks) -> ServiceBlueprint {
    ServiceBlueprint(
      migrations: LoopClosureSchema.migrations,
      tables: LoopClosureSchema.tables,
      // The calendar may have changed while nobody owned the programme.
      didAdopt: { programme, transaction in try books.cases.calendarChanged(of: programme, transaction) },
      consumers: LoopClosureConsumers.all(books),
      calls: { LoopClosureCalls.answer(books, &$0) },
      timers: [
        ServiceTimer(every: .seconds(1), "turnCaseClocks") { try books.cases.tick($0, at: $1) },
        ServiceTimer(every: .seconds(1), "eraseRecords") { transaction, _ in try books.cases.eraseRecords(transaction)
        },
        ServiceTimer(every: .seconds(5), "noteOverdueDecisions") { try books.outerLoop.tick($0, at: $1) },
        ServiceTimer(every: .seconds(5), "askForVerification") { try books.ideas.tick($0, at: $1) },
        ServiceTimer(every: .seconds(5), "reviewTests") { try books.experiments.tick($0, at: $1) },
        ServiceTimer(every: .seconds(5), "sustainAdoptions") { try books.adoption.tick($0, at: $1) },
      ]
    )
  }
}

/// Everything that the service keeps, each part with its rules.
package struct LoopBooks: Sendable {
  package let cases: CaseBook
  package let outerLoop: OuterLoopBook
  package let receipts: ReceiptBook
  package let notices: NoticeBook
  package let ideas: IdeaBook
  package let experiments: ExperimentBook
  package let graves: GraveBook
  package let adoption: AdoptionBook
  package let huddles: HuddleBook

  package init(policy: LoopPolicy = LoopPolicy(), mint: IdentifierMint = .random) {
    cases = CaseBook(policy: policy, mint: mint)
    outerLoop = OuterLoopBook(policy: policy, mint: mint)
    receipts = ReceiptBook()
    notices = NoticeBook()
    ideas = IdeaBook(policy: policy, mint: mint)
    experiments = ExperimentBook(policy: policy, mint: mint)
    graves = GraveBook(policy: policy, mint: mint)
    adoption = AdoptionBook(policy: policy)
    huddles = HuddleBook(policy: policy, mint: mint)
  }
}
