import Contracts
import Foundation

/// One row of a file, whatever its format: named values, or why there are none.
struct ImportRow {
  /// Counts the data rows from 1.
  var number: Int
  /// The line that it starts on, from 1.
  var line: Int
  /// In the order of the file's columns.
  var values: [String]
  var problem: ImportProblem?
  var raw: [UInt8]
}

/// Why one row was not imported: a word for programs, a sentence for people.
struct ImportProblem: Error, Equatable {
  var reason: String
  var message: String
}

/// Turns a file's bytes into rows under named columns.
protocol RowReader: Sendable {
  /// Known once the first rows have been read.
  var columns: [String] { get }
  mutating func consume(_ chunk: Data, emit: (ImportRow, _ columns: [String]) throws -> Void) throws
  mutating func finish(emit: (ImportRow, _ columns: [String]) throws -> Void) throws
}

/// CSV with a header row.
struct CSVReader: RowReader {
  private(set) var columns: [String] = []
  private var parser: CSVParser?
  private let delimiter: UInt8?
  private var count = 0

  /// - Parameter delimiter: nil to find it out from the header: whichever of `,` `;` tab `|` it has most of.
  init(delimiter: UInt8?) {
    self.delimiter = delimiter
  }

  mutating func consume(_ chunk: Data, emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    var parser = self.parser ?? CSVParser(delimiter: delimiter ?? Self.detectDelimiter(chunk))
    try parser.consume(chunk) { try take($0, emit: emit) }
    self.parser = parser
  }

  mutating func finish(emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    guard var parser else { throw ImportError("the file is empty: a CSV file starts with a row of column names") }
    try parser.finish { try take($0, emit: emit) }
  }

  private mutating func take(_ row: CSVParser.Row, emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    if columns.isEmpty { return try readHeader(row) }
    count += 1
    var problem = row.problem.map { ImportProblem(reason: "malformedRow", message: "\($0)") }
    if problem == nil, row.fields.count != columns.count {
      problem = ImportProblem(
        reason: "wrongColumnCount",
        message: "the row has \(row.fields.count) columns, the header \(columns.count)"
      )
    }
    try emit(
      ImportRow(number: count, line: row.line, values: row.fields, problem: problem, raw: row.raw),
      columns
    )
  }

  private mutating func readHeader(_ row: CSVParser.Row) throws {
    if let problem = row.problem { throw ImportError("the header row can't be read: \(problem)") }
    columns = row.fields.map { $0.trimmingCharacters(in: .whitespaces) }
    if let double = Dictionary(grouping: columns, by: \.self).first(where: { $0.value.count > 1 }) {
      throw ImportError("the header names the column '\(double.key)' \(double.value.count) times")
    }
  }

  private static func detectDelimiter(_ chunk: Data) -> UInt8 {
    let header = chunk.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let candidates: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
    let counts = candidates.map { candidate in header.count { $0 == candidate } }
    return zip(candidates, counts).max { $0.1 < $1.1 }?.0 ?? UInt8(ascii: ",")
  }
}

/// JSON Lines: one object a line. Columns are its members; `a.b` reaches into an inner object.
struct JSONLinesReader: RowReader {
  let columns: [String]
  private var rest = Data()
  private var line = 0
  private var count = 0
  private static let longestLine = 4 << 20

  /// - Parameter columns: the members that the mapping asks for.
  init(columns: [String]) {
    self.columns = columns
  }

  mutating func consume(_ chunk: Data, emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    rest.append(chunk)
    var start = rest.startIndex
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      try take(rest[start..<end], emit: emit)
      start = rest.index(after: end)
    }
    rest = Data(rest[start...])
    if rest.count > Self.longestLine {
      throw ImportError("line \(line + 1) is longer than 4 MiB; JSON Lines has one object a line")
    }
  }

  mutating func finish(emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    if !rest.isEmpty { try take(rest, emit: emit) }
    rest = Data()
  }

  private mutating func take(_ bytes: Data, emit: (ImportRow, _ columns: [String]) throws -> Void) throws {
    line += 1
    guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
    count += 1
    var row = ImportRow(number: count, line: line, values: [], problem: nil, raw: Array(bytes.prefix(64 << 10)))
    do {
      let object = try JSONDecoder().decode([String: JSONValue].self, from: bytes)
      row.values = columns.map { Self.text(at: $0, in: .object(object)) }
    } catch {
      row.problem = ImportProblem(reason: "malformedRow", message: "the line isn't a JSON object in UTF-8")
    }
    try emit(row, columns)
  }

  private static func text(at path: String, in object: JSONValue) -> String {
    var value: JSONValue? = object[path] ?? object
    if object[path] == nil {
      for name in path.split(separator: ".") { value = value?[String(name)] }
    }
    switch value {
    case .string(let text): return text
    case .integer(let number): return String(number)
    case .number(let number): return String(number)
    case .bool(let bool): return String(bool)
    case .null, .array, .object, nil: return ""
    }
  }
}
