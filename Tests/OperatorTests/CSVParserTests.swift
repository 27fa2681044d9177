import Testing

@testable import Operator

@Suite struct CSVParserTests {
  private func rows(_ text: String, chunk: Int = .max, delimiter: Character = ",") -> [CSVParser.Row] {
    rows(Array(text.utf8), chunk: chunk, delimiter: delimiter)
  }

  private func rows(_ bytes: [UInt8], chunk: Int = .max, delimiter: Character = ",") -> [CSVParser.Row] {
    var parser = CSVParser(delimiter: delimiter.asciiValue ?? 0)
    var rows: [CSVParser.Row] = []
    var start = 0
    while start < bytes.count {
      let end = chunk >= bytes.count - start ? bytes.count : start + chunk
      parser.consume(bytes[start..<end]) { rows.append($0) }
      start = end
    }
    parser.finish { rows.append($0) }
    return rows
  }

  @Test func keepsEveryByteOfAField() {
    let rows = rows("a, b,\"c \"\"d\"\", e\",\r\n\"line\r\nbreak\",,  x  ,\n")
    #expect(rows.map(\.fields) == [["a", " b", "c \"d\", e", ""], ["line\r\nbreak", "", "  x  ", ""]])
    #expect(rows.map(\.line) == [1, 2])
    #expect(rows.allSatisfy { $0.problem == nil })
  }

  @Test func takesEveryLineEnd() {
    #expect(rows("a\nb\r\nc\rd").map(\.fields) == [["a"], ["b"], ["c"], ["d"]])
    #expect(rows("a\n\n\nb\n").map(\.line) == [1, 4])
    #expect(rows("").isEmpty)
  }

  @Test func dropsAByteOrderMarkAndNothingLikeIt() {
    #expect(rows([0xEF, 0xBB, 0xBF, 0x61]).map(\.fields) == [["a"]])
    #expect(rows([0xEF, 0xBB, 0x61]).first?.problem == .invalidUTF8(column: 1))
    #expect(rows([0xEF]).first?.problem == .invalidUTF8(column: 1))
  }

  @Test func namesWhatIsWrongAndGoesOn() {
    let rows = rows("a,b\n\"x\"y,1\nb\"c,2\nok,3\n")
    #expect(rows.map(\.problem) == [nil, .textAfterQuote(column: 1), .quoteInsideField(column: 1), nil])
    #expect(rows.last?.fields == ["ok", "3"])
    #expect(rows.map(\.line) == [1, 2, 3, 4])
  }

  @Test func tellsOfAQuoteThatIsNeverClosed() {
    let rows = rows("a,b\n1,\"two\nthree\n")
    #expect(rows.last?.problem == .unclosedQuote(line: 2))
    #expect(rows.last?.line == 2)
    #expect(rows.last.map { String(decoding: $0.raw, as: UTF8.self) } == "1,\"two\nthree\n")
  }

  @Test func tellsOfInvalidUTF8() {
    let rows = rows([0x61, 0x2C, 0xC3, 0x28, 0x0A, 0x62, 0x2C, 0x63])
    #expect(rows.map(\.problem) == [.invalidUTF8(column: 2), nil])
  }

  @Test func boundsAField() {
    let long = String(repeating: "x", count: CSVParser.Limits.fieldBytes + 1)
    let rows = rows("\(long),1\nok,2\n")
    #expect(rows.map(\.problem) == [.fieldTooLong(column: 1), nil])
    #expect((rows.first?.raw.count ?? 0) <= CSVParser.Limits.rawBytes)
  }

  /// Wherever a chunk ends, and whatever bytes come, the rows are the same.
  @Test func chunksMakeNoDifference() {
    let seed = UInt64.random(in: .min ... .max)
    var random = Linear(state: seed)
    let alphabet = Array("ab,\"\r\n\u{FEFF}é;".utf8)
    for _ in 0..<300 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).compactMap { _ in alphabet.randomElement(using: &random)
      }
      let whole = rows(bytes)
      for chunk in [1, 2, 3, 7] {
        #expect(rows(bytes, chunk: chunk) == whole, "seed \(seed), bytes \(bytes), chunk \(chunk)")
      }
    }
  }

  /// What is quoted by the rules comes back as it went in.
  @Test func roundTrips() {
    let seed = UInt64.random(in: .min ... .max)
    var random = Linear(state: seed)
    let alphabet = ["a", ",", "\"", "\n", "\r", " ", "é", "漢"]
    for _ in 0..<300 {
      let table = (0..<3).map { _ in
        (0..<3).map { _ in
          (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) }
            .joined()
        }
      }
      let text = table.map { row in
        row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
      }.joined(separator: "\r\n")
      #expect(rows(text).map(\.fields) == table, "seed \(seed)")
    }
  }
}

/// A generator for reproducible tests (Knuth's MMIX constants; the high bits are used).
struct Linear: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<2 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      value = value << 32 | state >> 32
    }
    return value
  }
}
