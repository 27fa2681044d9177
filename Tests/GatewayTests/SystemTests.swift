import Contracts
import Foundation
import GoalSetting
import Logging
import ServiceRuntime
import TestSupport
import Testing

@testable import Gateway

/// The gateway and GoalSetting as they run, with calls and events between them.
@Suite struct SystemTests {
  @Test func aGoalIsSetThroughTheAPIAndReadBack() async throws {
    try await withServiceHarness { harness in
      let gateway = try await harness.start(Gateway.definition)
      let base = "http://\(try #require(gateway.address(of: .http)))/api/v1/programmes/telco"
      let programme = try await send("PUT", base, #"{"name":"Telco","timeZone":"UTC","defaultLanguage":"en"}"#)
      #expect(programme.status == 200)
      let nobody = try await send("GET", "\(base)/goals")
      #expect(nobody.status == 503 && nobody.body["reason"] == "serviceUnavailable")

      try await harness.start(GoalSetting.definition)
      let until = harness.clock.now + .days(28)
      func goal(_ behaviour: String) -> String {
        """
        {"kind":"test","behaviour":"\(behaviour)","target":4,"until":"\(until)","counterMetric":"CSAT",\
        "reward":{"monetary":{"amount":"200.00","currency":"EUR"}}}
        """
      }
      // The programme was made while GoalSetting was away: it hears of it now.
      try await waitUntil("GoalSetting knows the programme") {
        try await send("GET", "\(base)/goals").status == 200
      }
      let refused = try await send("POST", "\(base)/goals", goal("Lift N.P.S. to 50"))
      #expect(refused.status == 422 && refused.body["reason"] == "scoreTargetForbidden")
      let key = ["Idempotency-Key": "goal-key"]
      let first = try await send("POST", "\(base)/goals", goal("Test one idea a week"), key)
      let again = try await send("POST", "\(base)/goals", goal("Test one idea a week"), key)
      #expect(first.status == 200 && first.body["id"] == again.body["id"])
      let list = try await send("GET", "\(base)/goals", nil, ["Groundswell-After": first.position ?? ""])
      #expect(list.body["goals"]?.elements.map { $0["goal"]?["behaviour"] } == ["Test one idea a week"])
    }
  }

  @Test func liveEventsReachAListener() async throws {
    try await withServiceHarness { harness in
      let hub = EventHub()
      let definition = ServiceDefinition(.gateway) { _ in Gateway.blueprint(hub: hub) }
      let gateway = try await harness.start(definition)
      try await harness.start(GoalSetting.definition)
      let base = "http://\(try #require(gateway.address(of: .http)))/api/v1/programmes/telco"
      _ = try await send("PUT", base, #"{"name":"Telco","timeZone":"UTC","defaultLanguage":"en"}"#)
      let listener = try hub.listen(to: LiveFilter(programme: "telco", types: ["goal.*"]))
      try await waitUntil("GoalSetting knows the programme") {
        try await send("GET", "\(base)/goals").status == 200
      }
      let until = harness.clock.now + .days(28)
      let set = try await send(
        "POST",
        "\(base)/goals",
        #"{"kind":"coach","behaviour":"Coach each other","target":3,"until":"\#(until)","counterMetric":"cases"}"#
      )
      #expect(set.status == 200)
      var events = listener.events.makeAsyncIterator()
      let event = try #require(await events.next())
      #expect(event.text.contains("event: goal.set\n"))
      hub.stop(listener.number)
    }
  }

  private func send(
    _ verb: String,
    _ address: String,
    _ body: String? = nil,
    _ headers: [String: String] = [:]
  ) async throws -> (status: Int, body: JSONValue, position: String?) {
    let answer = try await HTTPAnswer.of(verb, address, body, headers)
    return (answer.status, try answer.json, answer.headers["groundswell-position"])
  }
}
