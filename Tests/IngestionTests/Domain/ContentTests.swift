import Contracts
import Testing

@testable import Ingestion

@Suite("What events say")
struct ContentTests {
  private let now = Timestamp(milliseconds: 1_800_000_000_000)

  private func content(_ data: String, type: IntakeType = .feedback, time: String? = nil) throws -> IntakeContent {
    let time = time.map { ",\"time\":\"\($0)\"" } ?? ""
    let event = #"{"specversion":"1.0","id":"1","source":"/s","type":"\#(type.rawValue)"\#(time),"data":\#(data)}"#
    return try IntakeContent(of: CloudEvent(json: parsed(event)), receivedAt: now)
  }

  @Test("a full submission is read whole")
  func full() throws {
    let data = """
      {"programme":"p","channel":"survey","text":" Good ","submissionID":"s1","occurredAt":"2026-11-22T15:04:05Z",
       "customer":"c-1","interactionID":"i","team":"t","employee":"e","touchpoint":"till","language":"en_GB",
       "signals":["wish","odd","wish"],"scores":[{"kind":"NPS","value":9,"minimum":0,"maximum":10}],
       "consent":{"basis":"consent","purpose":"learning"},"revision":2,"somethingNew":{"a":1}}
      """
    guard case .feedback(let submission) = try content(data) else { return #expect(Bool(false)) }
    #expect(submission.text == "Good")
    #expect(submission.language == "en-GB")
    #expect(submission.signals == [.known(.wish), .unknown("odd")])
    #expect(submission.scores == [Score(kind: .known(.nps), value: 9, minimum: 0, maximum: 10)])
    #expect(submission.consent == Consent(basis: "consent", purpose: "learning"))
    #expect(submission.revision == 2)
  }

  @Test(
    "what is wrong is named",
    arguments: [
      (#"{"text":"x"}"#, "missingField", "data.programme"), (#"{"programme":"p"}"#, "nothingSaid", "data.text"),
      (#"{"programme":"p","text":"  \n "}"#, "nothingSaid", "data.text"),
      (#"{"programme":"p","text":"","scores":[]}"#, "nothingSaid", "data.text"),
      (#"{"programme":7,"text":"x"}"#, "wrongType", "data.programme"),
      (#"{"programme":"","text":"x"}"#, "invalidIdentifier", "data.programme"),
      (#"{"programme":"p","text":5}"#, "wrongType", "data.text"),
      (#"{"programme":"p","text":"a\u0000b"}"#, "nulCharacter", "data.text"),
      (#"{"programme":"p","text":"x","team":{}}"#, "wrongType", "data.team"),
      (#"{"programme":"p","text":"x","occurredAt":"yesterday"}"#, "invalidTime", "data.occurredAt"),
      (#"{"programme":"p","text":"x","occurredAt":5}"#, "wrongType", "data.occurredAt"),
      (#"{"programme":"p","text":"x","channel":"two words"}"#, "invalidWord", "data.channel"),
      (#"{"programme":"p","text":"x","language":"english language"}"#, "invalidLanguage", "data.language"),
      (#"{"programme":"p","text":"x","signals":"wish"}"#, "wrongType", "data.signals"),
      (#"{"programme":"p","text":"x","signals":["wish",1]}"#, "wrongType", "data.signals[1]"),
      (#"{"programme":"p","text":"x","revision":0}"#, "outOfBounds", "data.revision"),
      (#"{"programme":"p","text":"x","revision":1.5}"#, "wrongType", "data.revision"),
      (#"{"programme":"p","scores":[1]}"#, "wrongType", "data.scores[0]"),
      (#"{"programme":"p","scores":[{"kind":"NPS","value":9,"minimum":0}]}"#, "missingField", "data.scores[0].maximum"),
      (
        #"{"programme":"p","scores":[{"kind":"NPS","value":11,"minimum":0,"maximum":10}]}"#, "outOfScale",
        "data.scores[0].value"
      ),
      (
        #"{"programme":"p","scores":[{"kind":"NPS","value":1,"minimum":1,"maximum":1}]}"#, "emptyScale",
        "data.scores[0].maximum"
      ),
      (
        #"{"programme":"p","scores":[{"kind":"NPS","value":"9","minimum":1,"maximum":10}]}"#, "wrongType",
        "data.scores[0].value"
      ),
      (#"{"programme":"p","text":"x","consent":{"basis":"consent"}}"#, "missingField", "data.consent.purpose"),
      (
        #"{"programme":"p","text":"x","adaptation":{"standard":"","didInstead":"b","outcome":"c"}}"#, "emptyField",
        "data.adaptation.standard"
      ), (#"[1]"#, "wrongType", "data"), (#""text""#, "wrongType", "data"),
      (#"{"programme":"p","text":"x","occurredAt":"2028-01-01T00:00:00Z"}"#, "occursInFuture", "data.occurredAt"),
    ]
  )
  func wrong(_ data: String, _ reason: String, _ field: String) {
    expectFault(reason, at: field) { try content(data) }
  }

  @Test("20,000 characters are taken, one more is not")
  func longest() throws {
    let text = String(repeating: "€", count: 20_000)
    #expect(throws: Never.self) { try content("{\"programme\":\"p\",\"text\":\"\(text)\"}") }
    expectFault("textTooLong", at: "data.text") { try content("{\"programme\":\"p\",\"text\":\"\(text)€\"}") }
  }

  @Test("a clock may be a day ahead, not more")
  func future() throws {
    let data = #"{"programme":"p","text":"x"}"#
    #expect(throws: Never.self) { try content(data, time: (now + .hours(24)).description) }
    expectFault("occursInFuture", at: "time") { try content(data, time: (now + .hours(25)).description) }
  }

  @Test("an unknown type is told the known ones")
  func unknownType() throws {
    let event = try CloudEvent(json: parsed("{\(EventVectors.core)}"))
    let fault = expectFault("unknownEventType", at: "type") { try IntakeContent(of: event, receivedAt: now) }
    for type in IntakeType.allCases { #expect(fault?.message.contains(type.rawValue) == true) }
  }

  @Test("observations, counts and withdrawals")
  func others() throws {
    let observation = #"{"programme":"p","experiment":"x","arm":"control","metric":"m","unit":"u","happened":true}"#
    guard case .observation(let read) = try content(observation, type: .observation) else {
      return #expect(Bool(false))
    }
    #expect(read.occurredAt == now)
    expectFault("unknownArm", at: "data.arm") {
      try content(observation.replacing("control", with: "left"), type: .observation)
    }
    expectFault("wrongType", at: "data.happened") {
      try content(observation.replacing("true", with: "1"), type: .observation)
    }
    let count = #"{"programme":"p","channel":"call","day":"2026-02-28","count":5}"#
    #expect(
      try content(count, type: .interactions)
        == .interactions(InteractionCount(programme: "p", channel: .known(.call), day: "2026-02-28", count: 5))
    )
    expectFault("invalidDay", at: "data.day") { try content(count.replacing("28", with: "30"), type: .interactions) }
    expectFault("outOfBounds", at: "data.count") { try content(count.replacing("5", with: "-5"), type: .interactions) }
    expectFault("missingField", at: "data.sourceRecordID") { try content(#"{"programme":"p"}"#, type: .withdrawal) }
  }
}

@Suite("The canonical record")
struct CanonicalFeedbackTests {
  private func canonical(_ submission: FeedbackSubmission) -> Feedback {
    Feedback(
      submission,
      CanonicalContext(
        id: "f",
        source: "/s",
        sourceRecordID: "1",
        eventTime: Timestamp(milliseconds: 2000),
        receivedAt: Timestamp(milliseconds: 3000),
        customer: "hash",
        rawHash: "00",
        defaultLanguage: "pt"
      )
    )
  }

  @Test("times, language and revision have their defaults")
  func defaults() {
    let feedback = canonical(FeedbackSubmission(programme: "p", text: "Olá"))
    #expect(feedback.occurredAt == Timestamp(milliseconds: 2000))
    #expect(feedback.language == "pt")
    #expect(feedback.revision == 1)
    #expect(feedback.channel == .other)
    #expect(feedback.redaction == Redaction(method: Redactor.method, countsByKind: [:]))
  }

  @Test("the words are redacted, what was done instead too")
  func redaction() {
    let adaptation = Adaptation(standard: "Post", didInstead: "Wrote to a@b.de", outcome: "Reached at +351 912 345 678")
    let feedback = canonical(FeedbackSubmission(programme: "p", language: "en", adaptation: adaptation))
    #expect(feedback.adaptation?.didInstead == "Wrote to [email]")
    #expect(feedback.redaction.countsByKind == ["email": 1, "phoneNumber": 1])
    #expect(feedback.text == "Wrote to [email]\nPost\nReached at [phone]")
    #expect(feedback.channel == .adaptation)
    #expect(feedback.signals.contains(.known(.workaround)))
  }

  @Test("signals of the source come first, each once")
  func signals() {
    let feedback = canonical(
      FeedbackSubmission(
        programme: "p",
        channel: .known(.complaint),
        text: "Why was it broken?",
        language: "en",
        signals: [.unknown("ours"), .known(.question)]
      )
    )
    #expect(feedback.signals == [.unknown("ours"), .known(.question), .known(.complaint)])
  }

  @Test("scores leave apart from the words")
  func scores() {
    let score = Score(kind: .known(.csat), value: 4, minimum: 1, maximum: 5)
    let submission = FeedbackSubmission(programme: "p", team: "t", scores: [score, score])
    let observed = submission.scores(of: canonical(submission))
    #expect(observed.count == 2)
    #expect(observed.first?.feedback == "f")
    #expect(observed.first?.team == "t")
    #expect(observed.first?.score == score)
  }
}

@Suite("Arrivals")
struct ArrivalDecisionTests {
  private let recorded = RecordedFeedback(programme: "p", revision: 2, position: 7, isErased: false)

  @Test func feedback() throws {
    func decide(_ revision: Int, _ recorded: RecordedFeedback?) throws -> ArrivalDecision {
      try ArrivalDecision.onFeedback(programme: "p", revision: revision, recorded: recorded)
    }
    #expect(try decide(1, nil) == .record)
    #expect(try decide(3, recorded) == .revise)
    #expect(try decide(2, recorded) == .duplicate(position: 7))
    #expect(try decide(1, recorded) == .duplicate(position: 7))
    var erased = recorded
    erased.isErased = true
    #expect(try decide(2, erased) == .duplicate(position: 7))
    expectFault("feedbackErased") { try decide(3, erased) }
    expectFault("recordedElsewhere", at: "id") {
      try ArrivalDecision.onFeedback(programme: "q", revision: 1, recorded: recorded)
    }
  }

  @Test func withdrawal() throws {
    let withdrawal = FeedbackWithdrawal(programme: "p", sourceRecordID: "1")
    #expect(try ArrivalDecision.onWithdrawal(withdrawal, recorded: recorded) == .erase)
    var erased = recorded
    erased.isErased = true
    #expect(try ArrivalDecision.onWithdrawal(withdrawal, recorded: erased) == .duplicate(position: 7))
    expectFault("unknownFeedback") { try ArrivalDecision.onWithdrawal(withdrawal, recorded: nil) }
  }
}

@Suite("Silent channels")
struct SilenceTests {
  private func arrivals(_ days: [Int], each count: Int = 10) -> [CalendarDay: Int] {
    Dictionary(uniqueKeysWithValues: days.map { (CalendarDay(number: $0), count) })
  }

  @Test func rule() {
    let daily = arrivals(Array(100..<120))
    #expect(!Silence.isSilent(arrivals: daily, today: CalendarDay(number: 121)))
    #expect(Silence.isSilent(arrivals: daily, today: CalendarDay(number: 122)))
    // Weekends off: five quiet days are within what its gaps of three explain, seven aren't.
    let weekdays = arrivals((100..<140).filter { $0 % 7 < 5 })
    let last = weekdays.keys.max()?.number ?? 0
    #expect(!Silence.isSilent(arrivals: weekdays, today: CalendarDay(number: last + 5)))
    #expect(Silence.isSilent(arrivals: weekdays, today: CalendarDay(number: last + 7)))
    // Rare and irregular: three days without any are nothing.
    #expect(!Silence.isSilent(arrivals: arrivals(Array(100..<110), each: 1), today: CalendarDay(number: 113)))
    #expect(!Silence.isSilent(arrivals: arrivals([100], each: 5000), today: CalendarDay(number: 400)))
    #expect(!Silence.isSilent(arrivals: [:], today: CalendarDay(number: 1)))
  }

  @Test func days() {
    #expect(CalendarDay("2026-11-22")?.description == "2026-11-22")
    #expect(CalendarDay("2026-11-31") == nil)
    #expect(CalendarDay("1969-12-31")?.number == -1)
    #expect(CalendarDay(of: Timestamp(milliseconds: -1)).number == -1)
    #expect(CalendarDay(of: Timestamp(milliseconds: 0), offsetSeconds: -3600).number == -1)
  }
}
