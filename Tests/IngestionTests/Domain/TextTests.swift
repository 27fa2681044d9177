import Contracts
import Testing

@testable import Ingestion

@Suite("Cleaning texts")
struct CleanTextTests {
  @Test(arguments: [
    ("  plain \n", "plain"), ("a\r\nb\rc\u{85}d\u{2028}e\u{0B}f", "a\nb\nc\nd\ne\nf"), ("a\u{7}b\u{9B}c", "abc"),
    ("tab\tstays", "tab\tstays"), ("\u{FEFF}é€", "\u{FEFF}é€"), (" \u{A0}\u{2003} ", ""), ("a\r\n\r\nb", "a\n\nb"),
    ("👩‍👩‍👧 ‏مرحبا", "👩‍👩‍👧 ‏مرحبا"),
  ])
  func cleans(_ text: String, _ clean: String) throws {
    #expect(try CleanText.cleaned(text, limit: 100) == clean)
  }

  @Test func refuses() throws {
    let nul = expectFault("nulCharacter") { try CleanText.cleaned("ab\0c", limit: 100) }
    #expect(nul?.message.contains("character 2") == true)
    expectFault("textTooLong") { try CleanText.cleaned("123456", limit: 5) }
    #expect(try CleanText.cleaned("€€€€€", limit: 5) == "€€€€€")
    #expect(try CleanText.cleaned("12345  ", limit: 5) == "12345")
  }
}

@Suite("Redaction")
struct RedactionTests {
  @Test(
    "what identifies someone is taken out",
    arguments: [
      ("write to jo.bloggs+x@mail.example.co.uk.", "write to [email].", ["email": 1]),
      ("a@b.de,c@d.fr", "[email],[email]", ["email": 2]),
      ("'o'neil@example.ie'", "'[email]'", ["email": 1]),
      ("请联系bob@example.com谢谢", "请联系[email]谢谢", ["email": 1]),
      ("müller@bücher.example", "[email]", ["email": 1]),
      ("555-234-5678@mail.example", "[email]", ["email": 1]), ("+1 555-234-5678@mail.example", "[email]", ["email": 1]),
      ("call +44 (0)20 7946 0958 now", "call [phone] now", ["phoneNumber": 1]),
      ("(555) 234-5678 or 555.234.5678", "[phone] or [phone]", ["phoneNumber": 2]),
      ("1-800-234-5678", "[phone]", ["phoneNumber": 1]), ("06 12 34 56 78", "[phone]", ["phoneNumber": 1]),
      ("06.12.34.56.78", "[phone]", ["phoneNumber": 1]), ("0049 30 1234567", "[phone]", ["phoneNumber": 1]),
      ("my mobile is 912345", "my mobile is [phone]", ["phoneNumber": 1]),
      ("912 345 678", "[phone]", ["phoneNumber": 1]),
      ("٠٥٠١٢٣٤٥٦٧", "[phone]", ["phoneNumber": 1]), ("2021551234", "2021551234", [:]),
      ("2125552345", "[phone]", ["phoneNumber": 1]),
      ("4111 1111 1111 1111", "[card]", ["cardNumber": 1]),
      ("4111-1111-1111-1111 12/27", "[card] 12/27", ["cardNumber": 1]),
      ("378282246310005!", "[card]!", ["cardNumber": 1]), ("5555555555554444", "[card]", ["cardNumber": 1]),
      ("pay 4111111111111111 or a@b.io", "pay [card] or [email]", ["cardNumber": 1, "email": 1]),
    ]
  )
  func found(_ text: String, _ redacted: String, _ counts: [String: Int]) {
    let result = Redactor.redacted(text)
    #expect(result.text == redacted)
    #expect(result.countsByKind == counts)
  }

  @Test(
    "what identifies nobody stays",
    arguments: [
      "flight 1234 on 2026-11-22 at 15:04", "22/11/2026 and 22.11.26", "01.02.2026 09:30", "it cost 1,234,567.89 EUR",
      "order 4123456789", "AB1234567890", "4111 1111 1111 1112", "@united you lost my bag", "user@localhost", "a @ b.c",
      "10.0.0.1 and 192.168.100.200", "version 1.2.3.4.5", "0.123456789", "between 300-1000", "id 0000000000000000",
      "we waited 20 30 40 minutes", "1234567890123456789012345", "IBAN DE89370400440532013000",
    ]
  )
  func kept(_ text: String) {
    #expect(Redactor.redacted(text).text == text)
    #expect(Redactor.redacted(text).countsByKind.isEmpty)
  }

  @Test("the check digit decides", arguments: ["4111111111111111", "378282246310005", "6011111111111117"])
  func luhn(_ number: String) {
    let digits = number.unicodeScalars.compactMap(\.decimalDigit)
    #expect(CardNumber.isValid(digits))
    for index in digits.indices {
      var wrong = digits
      wrong[index] = (wrong[index] + 1) % 10
      #expect(!CardNumber.isValid(wrong))
    }
  }

  @Test("redacting twice changes nothing more, and no text breaks it")
  func idempotent() {
    var random = Seeded()
    for _ in 0..<500 {
      let text = random.text(upTo: 200)
      let once = Redactor.redacted(text)
      #expect(Redactor.redacted(once.text).text == once.text, "seed \(random.seed)")
    }
  }

  @Test(
    "time grows with the length only",
    arguments: ["@", "a@", "a.", "1", "1 ", "1-", "+1", "(1) ", "1.1/", "a@b.c@", "00 "]
  )
  func hostile(_ unit: String) {
    let clock = ContinuousClock()
    let short = clock.measure { _ = Redactor.redacted(String(repeating: unit, count: 1_000)) }
    let long = clock.measure { _ = Redactor.redacted(String(repeating: unit, count: 10_000)) }
    // Ten times the length; a quadratic scan would take a hundred times as long. The constant is for a busy machine.
    #expect(long < short * 40 + .milliseconds(400))
  }
}

@Suite("Reading texts")
struct ReadingTests {
  @Test(
    "signals",
    arguments: [
      ("I waited on hold for 45 minutes and nobody answers.", [Signal.complaint]),
      ("It would be great if you could add a night bus.", [.wish]),
      ("The app kept failing so I had to call instead.", [.workaround]),
      ("Thank you, the nurse was brilliant!", [.praise]), ("Where is my parcel", [.question]),
      ("Is this open?", [.question]), ("I'm switching to your competitor.", [.churnReason]),
      ("NEVER AGAIN", [.churnReason]), ("Never flying with you again", [.churnReason]), ("The bus was green.", []),
      ("No complaints at all.", []), ("Not excellent.", []), ("I was never disappointed", []), ("", []),
      ("It is rudely shaped", []),
    ]
  )
  func signals(_ text: String, _ signals: [Signal]) {
    #expect(Reading(text, language: "en").signals == signals)
  }

  @Test("every signal has cues")
  func allSignals() {
    let text = """
      The worst service. I wish there was a map. I ended up walking. Thank you to the driver. How do I pay? \
      I will not return.
      """
    #expect(Set(Reading(text, language: "en").signals) == Set(Signal.allCases))
  }

  @Test("phrases don't reach across sentences, nor into words")
  func boundaries() {
    #expect(Reading("She is on. Hold the door.", language: "en").signals.isEmpty)
    #expect(Reading("The issue", language: "en").urgency == 0)
    #expect(Reading("Pursue it", language: "en").urgency == 0)
  }

  @Test("urgency rises with what presses, and never passes 1")
  func urgency() {
    func urgency(_ text: String) -> Double { Reading(text, language: "en").urgency }
    #expect(urgency("The bread was fine.") == 0)
    #expect(urgency("I need help today") > 0.2)
    #expect(urgency("Urgent: stranded tonight") > urgency("I am stranded"))
    #expect(urgency("There is a gas leak, someone is injured, call the police immediately!!!") > 0.95)
    #expect(urgency(String(repeating: "urgent emergency fraud ", count: 500)) <= 1)
  }

  @Test("sentiment has the right sign and stays within its bounds")
  func sentiment() {
    func sentiment(_ text: String) -> Double { Reading(text, language: "en").sentiment }
    #expect(sentiment("Excellent, friendly staff") > 0.5)
    #expect(sentiment("Terrible. Rude and slow.") < -0.5)
    #expect(sentiment("Not good") < 0)
    #expect(sentiment("Not bad at all") > 0)
    #expect(sentiment("GOOD") > sentiment("good"))
    #expect(sentiment("very good") > sentiment("good"))
    #expect(sentiment("Great food but terrible service") < 0)
    #expect(sentiment("The bus was green") == 0)
    #expect((-1...1).contains(sentiment(String(repeating: "awful ", count: 3000))))
  }

  @Test(
    "other languages go through unharmed",
    arguments: [
      ("de", "Der Krieg ist die Hölle, stirb langsam. Not!"), ("pt-BR", "Péssimo atendimento, nunca mais"),
      ("ar", "خدمة سيئة جدا"), ("ja", "対応が遅い"), ("und", "Péssimo"), ("en", "対応が遅い"),
    ]
  )
  func otherLanguages(_ language: String, _ text: String) {
    let reading = Reading(text, language: language)
    #expect(reading.urgency == 0)
    #expect(reading.sentiment == 0)
    #expect(reading.signals.isEmpty)
  }

  @Test("a question mark is one in any script")
  func questionMarks() {
    #expect(Reading("متى؟", language: "ar").signals == [.question])
    #expect(Reading("いつ？", language: "ja").signals == [.question])
  }

  @Test("random texts stay within bounds")
  func bounds() {
    var random = Seeded()
    for _ in 0..<500 {
      let reading = Reading(random.text(upTo: 300), language: "en")
      #expect((0...1).contains(reading.urgency), "seed \(random.seed)")
      #expect((-1...1).contains(reading.sentiment), "seed \(random.seed)")
    }
  }
}
