import Contracts
import Testing

@testable import Gateway

@Suite struct RouteInputTests {
  private func failure(_ body: () throws -> JSONValue) throws -> Fault {
    try #require(throws: Fault.self) { try body() }
  }

  @Test func aQuestionIsMadeOfPathAndQuery() throws {
    let input = try RouteInput(CasesRequest.self, in: "/programmes/{programme}/cases", hasBody: false)
    let message = try input.message(
      path: ["programme": "telco"],
      query: [("limit", "5"), ("states", "open,contacted"), ("states", "closed")],
      body: []
    )
    #expect(message == ["programme": "telco", "limit": 5, "states": ["open", "contacted", "closed"]])
    #expect(try failure { try input.message(path: [:], query: [("limt", "5")], body: []) }.field == "limt")
    #expect(
      try failure { try input.message(path: [:], query: [("limit", "many")], body: []) }.reason == "malformedParameter"
    )
  }

  @Test func aChangeIsMadeOfPathAndBody() throws {
    let input = try RouteInput(AdvanceCase.self, in: "/programmes/{programme}/cases/{id}/advance", hasBody: true)
    let message = try input.message(
      path: ["programme": "telco", "id": "case-1"],
      query: [],
      body: Array(#"{"step":"closed"}"#.utf8)
    )
    #expect(message == ["programme": "telco", "id": "case-1", "step": "closed"])
    for (body, reason) in [
      ("{", "malformedJSON"), ("[]", "malformedBody"), (#"{"stp":1}"#, "unknownField"),
      (#"{"programme":"other"}"#, "unknownField"), ("\u{FFFD}", "malformedJSON"),
    ] {
      #expect(try failure { try input.message(path: [:], query: [], body: Array(body.utf8)) }.reason == reason)
    }
    #expect(try failure { try input.message(path: [:], query: [("step", "x")], body: []) }.reason == "unknownParameter")
  }

  @Test func aThingThatAMessageWrapsIsTheBody() throws {
    let input = try RouteInput(
      SetTeam.self,
      in: "/programmes/{programme}/teams/{id}",
      hasBody: true,
      wrapper: "team"
    )
    let message = try input.message(
      path: ["programme": "telco", "id": "porto"],
      query: [],
      body: Array(#"{"name":"Porto","people":6,"fullTimeEquivalents":5.5}"#.utf8)
    )
    let team: JSONValue = [
      "programme": "telco", "id": "porto", "name": "Porto", "people": 6, "fullTimeEquivalents": .number(5.5),
    ]
    #expect(message == ["team": team])
  }
}
