import Contracts
import Foundation
import GoalSetting
import Testing

private func goal(_ kind: GoalKind, touchpoint: String? = nil, euros: Int? = nil) -> Goal {
  Goal(
    id: "goal-1",
    programme: "telco",
    kind: .known(kind),
    behaviour: "Do it",
    evidenceEventType: kind.evidenceEventType,
    unit: .known(.programme),
    target: 5,
    floor: 0,
    capRatio: 1.2,
    from: .epoch,
    until: .epoch + .days(30),
    counterMetric: "reopened cases",
    touchpoint: touchpoint,
    reward: Reward(monetary: euros.map { Money(amount: Decimal($0), currency: "EUR") }),
    progress: 0,
    state: .known(.running),
    setBy: "ana"
  )
}

@Suite struct TunnelVisionTests {
  @Test func warnsWhereWeightIsOnOneKind() {
    let even = TunnelVision.report(on: [goal(.test), goal(.suggest)])
    #expect(even.byKind == 0.5 && even.byTouchpoint == 0 && even.warnings.isEmpty)
    let paid = TunnelVision.report(on: [goal(.test, euros: 900), goal(.suggest, euros: 100)])
    #expect(abs(paid.byKind - 0.82) < 1e-12)
    #expect(paid.warnings.count == 1 && paid.warnings[0].contains("90 %"))
    #expect(TunnelVision.report(on: []).warnings.isEmpty)
  }

  @Test func goalsForTheWholeJourneyDiluteATouchpoint() {
    let narrow = TunnelVision.report(on: [goal(.test, touchpoint: "billing"), goal(.suggest, touchpoint: "billing")])
    #expect(narrow.byTouchpoint == 1 && narrow.warnings.count == 1)
    let wide = TunnelVision.report(on: [goal(.test, touchpoint: "billing"), goal(.suggest)])
    #expect(wide.byTouchpoint == 0.25 && wide.warnings.isEmpty)
  }

  @Test func flagsAMeasureThatRisesWhileItsCounterMetricSuffers() throws {
    let history = [1.0, 2, 1, 2, 1, 2, 1, 2]
    func drift(_ measure: [Double], _ counter: [Double]) throws -> Drift {
      try #require(
        Drift(goal: goal(.closeLoop), measure: measure, counter: counter, counterIsBetterHigh: false)
      )
    }
    #expect(try drift(history + [4, 4, 4, 4], history + [4, 4, 4, 4]).isTunnelling)
    #expect(try !drift(history + [4, 4, 4, 4], history + [1, 2, 1, 2]).isTunnelling)
    #expect(try !drift(history + [1, 2, 1, 2], history + [4, 4, 4, 4]).isTunnelling)
    #expect(Drift(goal: goal(.closeLoop), measure: [1, 2, 3], counter: [1, 2, 3], counterIsBetterHigh: false) == nil)
    let warned = TunnelVision.report(
      on: [goal(.closeLoop), goal(.test)],
      drifts: [try drift(history + [9, 9, 9, 9], history + [9, 9, 9, 9])]
    )
    #expect(warned.warnings.count == 1 && warned.warnings[0].contains("reopened cases"))
  }

  @Test func readsTheCounterMetricsItCanFollow() {
    #expect(CounterMetric(named: "Reopened cases") == .casesReopened)
    #expect(CounterMetric(named: "cases-reopened") == .casesReopened)
    #expect(CounterMetric(named: "CSAT") == nil)
  }
}
