import Contracts
import Foundation
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2018-04-05T17:31:00Z", 1_522_949_460_000),
    ("2018-04-05T17:31:00.000000000Z", 1_522_949_460_000), ("2018-04-05T18:31:00+01:00", 1_522_949_460_000),
    ("2018-04-05T16:31:00-01:00", 1_522_949_460_000), ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
    ("1969-12-31T23:59:59.999Z", -1), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("2026-11-22t15:04:05.1239z", 1_795_359_845_123),
  ])
  func readsRFC3339(_ text: String, _ milliseconds: Int64) throws {
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "lunchtime", "2018-04-05T18:31Z", "2018-04-05T18:31:00X", "2018-04-05T18:31:00+25:00",
    "2018-04-05T18:31:00+xx:00", "2018-04-05T18:31:00+05", "2018-02-29T00:00:00Z", "2018-13-01T00:00:00Z",
    "2018-04-05T24:00:00Z", "2018-04-05 18:31:00Z", "2018-04-05T18:31:00.Z", "2018-04-05T18:31:00Z ",
    "18-04-05T18:31:00Z",
    // An hour before the year 0000 and a second after 9999, neither of which can be written.
    "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:60Z",
  ])
  func refusesWhatIsNot(_ text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func arithmeticEndsAtTheLastInstantThereIs() {
    let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
    #expect(last + .seconds(1) == last && first - .seconds(1) == first)
    #expect(last - .seconds(-1) == last && first + .seconds(-1) == first)
    #expect(last - first > .milliseconds(Int64.max))
    #expect((last - first).wholeMilliseconds == .max && (first - last).wholeMilliseconds == .min)
    #expect(Timestamp.epoch + .milliseconds(5) == Timestamp(milliseconds: 5))
  }

  /// Foundation's calendar is the witness, over 400 years of random instants.
  @Test func agreesWithFoundation() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(state: seed)
    let witness = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for _ in 0..<2000 {
      let instant = Timestamp(milliseconds: Int64.random(in: -6_000_000_000_000...6_000_000_000_000, using: &random))
      // The witness truncates a binary fraction: half a millisecond keeps it clear of the edge.
      let date = Date(timeIntervalSince1970: (Double(instant.milliseconds) + 0.5) / 1000)
      #expect(instant.description == date.formatted(witness), "seed \(seed)")
      #expect(Timestamp(instant.description) == instant, "seed \(seed)")
    }
  }
}

/// Enough of a generator for a reproducible test.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct MoneyTests {
  private func decode(_ json: String) throws -> Money {
    try JSONDecoder().decode(Money.self, from: Data(json.utf8))
  }

  @Test(arguments: ["0.10", "1250.00", "-3", "99999999999999999999.99", "0.3"])
  func keepsEveryDigit(_ amount: String) throws {
    let money = try decode(#"{"amount":"\#(amount)","currency":"EUR"}"#)
    #expect(money.amount == Decimal(string: amount))
    let again = try JSONDecoder().decode(Money.self, from: JSONEncoder().encode(money))
    #expect(again == money)
  }

  @Test(arguments: [
    #"{"amount":1.5,"currency":"EUR"}"#, #"{"amount":"1,5","currency":"EUR"}"#, #"{"amount":"1e3","currency":"EUR"}"#,
    #"{"amount":"1.5 ","currency":"EUR"}"#, #"{"amount":"","currency":"EUR"}"#, #"{"amount":"1.","currency":"EUR"}"#,
    #"{"amount":"1","currency":"euro"}"#, #"{"amount":"1"}"#,
  ])
  func refusesWhatIsNotExact(_ json: String) {
    #expect(throws: DecodingError.self) { try decode(json) }
  }

  @Test func sumsAreExact() throws {
    let tenth = try decode(#"{"amount":"0.1","currency":"EUR"}"#).amount
    #expect(tenth + tenth + tenth == Decimal(string: "0.3"))
  }
}

@Suite struct OpenTests {
  @Test func keepsWhatItDoesNotKnow() throws {
    let future = try JSONDecoder().decode([Open<Channel>].self, from: Data(#"["survey","telepathy"]"#.utf8))
    #expect(future == [.known(.survey), .unknown("telepathy")])
    #expect(String(decoding: try JSONEncoder().encode(future), as: UTF8.self) == #"["survey","telepathy"]"#)
    #expect(future[0] == .survey)
    #expect(future[1].known == nil)
  }
}

@Suite struct NameTests {
  @Test func partitionsAreStable() {
    // Computed apart with Python: FNV-1a 64 modulo 64. Changing them would scatter every journal.
    #expect(Partition(of: "airline").rawValue == 5)
    #expect(Partition(of: "").rawValue == 37)
    #expect(Partition(of: "a").rawValue == 12)
    #expect(Partition(64) == nil)
  }

  @Test(arguments: ["", "Ingestion", "a b", "a-stream-with-a-name-too-long", "ingestion\0"])
  func streamNamesAreNarrow(_ text: String) {
    #expect(StreamName(text) == nil)
  }

  @Test func identifiersAreChecked() throws {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([ID<Team>].self, from: Data(#"[""]"#.utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([ID<Team>].self, from: Data(#"["a\u0000"]"#.utf8)) }
    let long = String(repeating: "x", count: 201)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([ID<Team>].self, from: Data(#"["\#(long)"]"#.utf8)) }
  }
}

@Suite struct TraceContextTests {
  @Test func roundTrips() throws {
    let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    #expect(TraceContext(text)?.description == text)
  }

  @Test(arguments: [
    "", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
    "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  ])
  func refusesWhatTheStandardRefuses(_ text: String) {
    #expect(TraceContext(text) == nil)
  }
}

@Suite struct AllowListTests {
  /// Law 4.
  @Test func scoresReachNeitherRankingNorGoalSetting() {
    for consumer in [AllowList.Consumer.ranking, .goalSetting] {
      #expect(!AllowList.permits(consumer, toRead: .scores))
      for (_, types) in AllowList.streams(for: consumer) {
        #expect(types?.contains(ScoreObserved.type) != true)
      }
    }
    #expect(ScoreObserved.stream == .scores)
    #expect(Catalogue.events.filter { $0.stream == .scores }.map { $0.type } == [ScoreObserved.type])
  }

  @Test func everyListedTypeIsOnTheStreamThatItIsListedUnder() {
    for consumer in AllowList.Consumer.allCases {
      for (stream, types) in AllowList.streams(for: consumer) {
        for type in types ?? [] {
          #expect(Catalogue.events.contains { $0.type == type && $0.stream == stream }, "\(consumer) \(stream) \(type)")
        }
      }
    }
  }
}

@Suite struct SchemaTests {
  @Test func saysWhatIsRequired() throws {
    let schema = try JSONSchema.describing(SubmitIdea.self)
    #expect(schema["required"] == ["programme", "text", "title"])
    #expect(schema["properties"]?["evidence"]?["items"]?["type"] == "string")
  }
}
