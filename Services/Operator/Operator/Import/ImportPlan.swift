import Contracts
import Foundation

/// What is asked for, as the command line has it.
struct ImportOptions {
  var path: String
  var format: ImportFormat
  var programme: ID<Programme>
  var source: String
  var channel: Channel?
  var mapping: ColumnMapping
  var delimiter: UInt8?
  var dateFormat: DateFormat?
  var timeZone: TimeZone
}

enum ImportFormat: String, CaseIterable {
  case csv
  case jsonLines = "jsonl"

  func reader(_ options: ImportOptions) -> any RowReader {
    switch self {
    case .csv: CSVReader(delimiter: options.delimiter)
    case .jsonLines: JSONLinesReader(columns: options.mapping.columns.values.sorted())
    }
  }
}

/// What a first pass over the file found out, so that the second can be sure of itself: where the columns are, how
/// times are written, which teams there are, and how many rows are to come.
struct ImportPlan {
  var columns: [String]
  var positions: [ColumnMapping.Field: Int]
  var rows: Int
  var dateFormat: DateFormat?
  /// What the file calls its teams.
  var teams: [String]

  /// More teams than this in one file are a mapping mistake.
  static let mostTeams = 2000
  private static let dateSamples = 5000

  /// Reads the whole file once.
  /// - Throws: `ImportError` where the file, its header, its times or its teams can't be made sense of.
  init(surveying options: ImportOptions) async throws {
    var reader = options.format.reader(options)
    var survey = Survey(options: options)
    try await ImportFile(path: options.path).read { chunk in
      try reader.consume(chunk) { try survey.take($0, columns: $1) }
      return true
    }
    try reader.finish { try survey.take($0, columns: $1) }
    columns = reader.columns
    positions = try options.mapping.positions(in: reader.columns)
    rows = survey.rows
    teams = survey.teams.sorted()
    dateFormat = try options.dateFormat ?? survey.detectedDateFormat()
  }

  private struct Survey {
    let options: ImportOptions
    var rows = 0
    var teams: Set<String> = []
    var dates: Set<String> = []
    private var positions: [ColumnMapping.Field: Int]?

    init(options: ImportOptions) { self.options = options }

    mutating func take(_ row: ImportRow, columns: [String]) throws {
      rows += 1
      let positions = try self.positions ?? options.mapping.positions(in: columns)
      self.positions = positions
      guard row.problem == nil else { return }
      if let position = positions[.team], !row.values[position].isEmpty { teams.insert(row.values[position]) }
      if let position = positions[.occurredAt], dates.count < ImportPlan.dateSamples {
        dates.insert(row.values[position])
      }
      guard teams.count <= ImportPlan.mostTeams else {
        throw ImportError("the column mapped to team has over \(ImportPlan.mostTeams) values; is it the right column?")
      }
    }

    func detectedDateFormat() throws -> DateFormat? {
      guard let column = options.mapping.columns[.occurredAt], !dates.isEmpty else { return nil }
      let fitting = DateFormat.detect(in: Array(dates))
      if let only = fitting.first, fitting.count == 1 { return only }
      let names = (fitting.isEmpty ? DateFormat.allCases : fitting).map(\.name).joined(separator: ", ")
      let example = dates.min() ?? ""
      throw ImportError(
        fitting.isEmpty
          ? "the times in '\(column)' (such as '\(example)') have no one form; give --date-format, one of \(names)"
          : "the times in '\(column)' (such as '\(example)') can be read as \(names); say which with --date-format"
      )
    }
  }
}
