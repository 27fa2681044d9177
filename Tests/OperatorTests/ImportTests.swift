import Contracts
import Foundation
import Testing

@testable import Operator

@Suite struct DateFormatTests {
  @Test(arguments: [
    ("2/24/2015 11:35", DateFormat.monthDayYear, "2015-02-24T11:35:00.000Z"),
    ("24/2/2015", .dayMonthYear, "2015-02-24T00:00:00.000Z"),
    ("24.02.2015 23:59:59", .dayMonthYear, "2015-02-24T23:59:59.000Z"),
    ("2015-02-24 11:35:07.250", .yearMonthDay, "2015-02-24T11:35:07.250Z"),
    ("2015-02-24T11:35", .yearMonthDay, "2015-02-24T11:35:00.000Z"),
    ("2/24/2015 12:05 AM", .monthDayYear, "2015-02-24T00:05:00.000Z"),
    ("2/24/2015 1:05 pm", .monthDayYear, "2015-02-24T13:05:00.000Z"),
    ("1424777700", .unixSeconds, "2015-02-24T11:35:00.000Z"),
    ("1424777700123", .unixMilliseconds, "2015-02-24T11:35:00.123Z"),
    ("2015-02-24T11:35:00+01:00", .rfc3339, "2015-02-24T10:35:00.000Z"),
  ])
  func reads(_ text: String, _ format: DateFormat, _ expected: String) throws {
    #expect(format.timestamp(text, in: .gmt)?.description == expected)
  }

  @Test(arguments: ["31/12/2015", "2/30/2015", "12/31/15", "", "tomorrow", "2/24/2015 25:00", "2/24/2015 11"])
  func refuses(_ text: String) {
    #expect(DateFormat.monthDayYear.timestamp(text, in: .gmt) == nil)
  }

  /// The least number of 64 bits ended the import, and what no year of four digits can say was written as another time.
  @Test(arguments: [
    ("-9223372036854775808", DateFormat.unixMilliseconds), ("9223372036854775807", .unixMilliseconds),
    ("-99999999999", .unixSeconds), ("nan", .unixSeconds), ("31.12.9999 23:59:59.9999999", .dayMonthYear),
  ])
  func refusesWhatCannotBeWritten(_ text: String, _ format: DateFormat) {
    #expect(format.timestamp(text, in: .gmt) == nil)
  }

  @Test func readsLocalTimeInItsZone() throws {
    let zone = try #require(TimeZone(identifier: "America/New_York"))
    #expect(DateFormat.monthDayYear.timestamp("7/1/2015 12:00", in: zone)?.description == "2015-07-01T16:00:00.000Z")
  }

  @Test func findsOutAndAdmitsWhenItCannot() {
    #expect(DateFormat.detect(in: ["2/24/2015 11:35", "1/2/2015 9:00"]) == [.monthDayYear])
    #expect(DateFormat.detect(in: ["1/2/2015", "3/4/2015"]) == [.monthDayYear, .dayMonthYear])
    #expect(DateFormat.detect(in: ["2/24/2015", "24/2/2015"]).isEmpty)
    #expect(DateFormat.detect(in: []).isEmpty)
  }
}

@Suite struct ColumnMappingTests {
  @Test(arguments: [
    (["text"], "takes field=COLUMN"), (["words=A"], "'words' is no field"), (["text=A", "text=B"], "given twice"),
    (["team=A"], "nothing to import"),
  ])
  func refusesMistakes(_ pairs: [String], _ expected: String) {
    let error = #expect(throws: ImportError.self) { try ColumnMapping(pairs) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func namesMissingColumns() throws {
    let mapping = try ColumnMapping(["text=verbatim", "id=key"])
    let error = #expect(throws: ImportError.self) { try mapping.positions(in: ["key", "words"]) }
    #expect(error?.description == "the file has no column 'verbatim'; it has 'key', 'words'")
  }
}

@Suite struct EventMakerTests {
  private func maker(_ columns: [ColumnMapping.Field]) -> EventMaker {
    EventMaker(
      programme: "northwind",
      source: "import:test",
      channel: .survey,
      positions: Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) }),
      dateFormat: .monthDayYear,
      timeZone: .gmt,
      teams: ["Virgin America": "virgin-america"]
    )
  }

  private func row(_ values: [String]) -> ImportRow {
    ImportRow(number: 7, line: 9, values: values, problem: nil, raw: Array(values.joined(separator: ",").utf8))
  }

  @Test func makesACloudEvent() throws {
    let event = try maker([.id, .text, .team, .occurredAt, .nps])
      .event(for: row(["17", " It was late ", "Virgin America", "2/24/2015 11:35", "9"]))
    #expect(event["id"] == "17")
    let data = try JSONDecoder().decode(FeedbackSubmission.self, from: JSONEncoder().encode(event["data"]))
    #expect(data.text == " It was late ")
    #expect(data.team == "virgin-america")
    #expect(data.channel == .known(.survey))
    #expect(data.occurredAt?.description == "2015-02-24T11:35:00.000Z")
    #expect(data.scores == [Score(kind: .known(.nps), value: 9, minimum: 0, maximum: 10)])
  }

  @Test func idsWithoutAColumnAreTheSameNextTime() throws {
    let one = try maker([.text]).event(for: row(["hello"]))
    let again = try maker([.text]).event(for: row(["hello"]))
    let other = try maker([.text]).event(for: row(["hullo"]))
    #expect(one["id"] == again["id"])
    #expect(one["id"] != other["id"])
  }

  @Test(arguments: [
    (["", "1/1/2020", ""], "emptyRow"), (["a", "never", ""], "unreadableTime"),
    (["a", "1/1/2020", "11"], "unreadableScore"),
    (["a", "1/1/2020", "nine"], "unreadableScore"),
  ])
  func saysWhatItCannotRead(_ values: [String], _ reason: String) {
    let problem = #expect(throws: ImportProblem.self) { try maker([.text, .occurredAt, .nps]).event(for: row(values)) }
    #expect(problem?.reason == reason)
  }
}

@Suite struct ImportPlanTests {
  private func options(_ path: String, _ map: [String], format: ImportFormat = .csv) throws -> ImportOptions {
    ImportOptions(
      path: path,
      format: format,
      programme: "p",
      source: "s",
      channel: nil,
      mapping: try ColumnMapping(map),
      delimiter: nil,
      dateFormat: nil,
      timeZone: .gmt
    )
  }

  private func withFile<Result>(
    _ name: String,
    _ text: String,
    _ body: (String) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(component: name).path
    try Data(text.utf8).write(to: URL(filePath: path))
    return try await body(path)
  }

  @Test func surveysTheWholeFile() async throws {
    let text = "id;words;who;at\n1;late;A;31/12/2015\n2;\"lost\";B;1/2/2015\n3;x;A;\n4;broken\n"
    try await withFile("a.csv", text) { path in
      let plan = try await ImportPlan(surveying: options(path, ["text=words", "team=who", "occurredAt=at"]))
      #expect(plan.rows == 4)
      #expect(plan.teams == ["A", "B"])
      #expect(plan.dateFormat == .dayMonthYear)
      #expect(plan.columns == ["id", "words", "who", "at"])
    }
  }

  @Test func readsCompressedFilesAndTellsDamagedOnes() async throws {
    try await withFile("a.csv", "words\nhello\nworld\n") { path in
      let gzip = try Process.run(URL(filePath: "/usr/bin/env"), arguments: ["gzip", path])
      gzip.waitUntilExit()
      let packed = path + ".gz"
      #expect(try await ImportPlan(surveying: options(packed, ["text=words"])).rows == 2)
      let bytes = try Data(contentsOf: URL(filePath: packed))
      try bytes.prefix(bytes.count - 6).write(to: URL(filePath: packed))
      let error = await #expect(throws: ImportError.self) {
        try await ImportPlan(surveying: options(packed, ["text=words"]))
      }
      #expect(error?.description.contains("can't be unpacked") == true)
    }
  }

  @Test func readsJSONLines() async throws {
    let text = #"{"id":1,"body":{"text":"late"}}"# + "\n\n" + #"{"id":2,"body":{"text":"lo"# + "\n"
    try await withFile("a.jsonl", text) { path in
      let options = try options(path, ["text=body.text", "id=id"], format: .jsonLines)
      #expect(try await ImportPlan(surveying: options).rows == 2)
      var reader = options.format.reader(options)
      var rows: [ImportRow] = []
      try reader.consume(Data(text.utf8)) { row, _ in rows.append(row) }
      try reader.finish { row, _ in rows.append(row) }
      #expect(rows.map(\.values) == [["late", "1"], []])
      #expect(rows.map(\.line) == [1, 3])
      #expect(rows[1].problem?.reason == "malformedRow")
    }
  }

  @Test func asksWhereTimesAreAmbiguous() async throws {
    try await withFile("a.csv", "words,at\nx,1/2/2015\n") { path in
      let error = await #expect(throws: ImportError.self) {
        try await ImportPlan(surveying: options(path, ["text=words", "occurredAt=at"]))
      }
      #expect(error?.description.contains("mdy, dmy; say which with --date-format") == true)
    }
  }
}
