import Contracts
import Foundation

@testable import Ingestion
@testable import Operator

extension FuzzedDecoder {
  /// A CSV file: it reads the same however it is cut into chunks, and good rows survive being written.
  static let csv = FuzzedDecoder(name: "csv") { bytes in
    let rows = csvRows(of: bytes, chunkBytes: .max)
    for chunkBytes in [1, 7] {
      try require(
        csvRows(of: bytes, chunkBytes: chunkBytes) == rows,
        "chunks of \(chunkBytes) bytes read differently"
      )
    }
    let good = rows.filter { $0.problem == nil }.map(\.fields)
    // A header, since a byte-order mark at the very beginning is none of the file's words.
    let written = ([["columns"]] + good.map { $0 + ["end"] }).map(RejectsFile.line).joined()
    let again = csvRows(of: Array(written.utf8), chunkBytes: .max).dropFirst()
    try require(
      again.allSatisfy { $0.problem == nil } && again.map { $0.fields.dropLast() } == good.map { $0[...] },
      "\(good) came back as \(again)"
    )
    return !good.isEmpty
  }

  private static func csvRows(of bytes: [UInt8], chunkBytes: Int) -> [CSVParser.Row] {
    var parser = CSVParser()
    var rows: [CSVParser.Row] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      parser.consume(rest.prefix(chunkBytes)) { rows.append($0) }
      rest = rest.dropFirst(chunkBytes)
    }
    parser.finish { rows.append($0) }
    return rows
  }

  /// A file to import, CSV or, where it begins with `{`, JSON Lines: each row makes an event or has a problem.
  static let imports = FuzzedDecoder(name: "import") { bytes in
    let pairs = ["text=text", "occurredAt=when", "customer=who", "NPS=nps", "id=id"]
    let mapping = try ColumnMapping(pairs)
    var reader: any RowReader =
      bytes.first == UInt8(ascii: "{")
      ? JSONLinesReader(columns: mapping.columns.values.sorted()) : CSVReader(delimiter: nil)
    var isTaken = false
    func take(_ row: ImportRow, _ columns: [String]) throws {
      guard let positions = try? mapping.positions(in: columns) else { return }
      for format in [DateFormat.rfc3339, .dayMonthYear, .unixMilliseconds, .unixSeconds] {
        let maker = EventMaker(
          programme: "p",
          source: "/import",
          channel: nil,
          positions: positions,
          dateFormat: format,
          timeZone: .gmt,
          teams: [:]
        )
        guard let json = try? maker.event(for: row) else { continue }
        isTaken = true
        // Refusing it is Ingestion's business; it has to be an event, though.
        if let event = try? CloudEvent(json: json) {
          _ = try? IntakeContent(of: event, receivedAt: Timestamp(milliseconds: 1_795_348_800_000))
        }
      }
    }
    do {
      try reader.consume(Data(bytes)) { try take($0, $1) }
      try reader.finish { try take($0, $1) }
    } catch is ImportError {
      return false
    }
    return isTaken
  }

  /// A time in one of the forms that files have; written out, it is the same time.
  static let dates = FuzzedDecoder(name: "dates") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    var isTaken = false
    for format in DateFormat.allCases {
      guard let time = format.timestamp(text, in: .gmt) else { continue }
      isTaken = true
      try require(Timestamp(rfc3339: time.description) == time, "\(format): \(time.milliseconds) is written \(time)")
    }
    return isTaken
  }
}
