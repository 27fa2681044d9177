import Contracts
import Crypto
import Foundation

/// Which column of a file is which field of feedback.
struct ColumnMapping {
  /// The fields that a column can be mapped to, in the spelling of `FeedbackSubmission`.
  enum Field: String, CaseIterable {
    case id, text, team, occurredAt, customer, channel, touchpoint, language, interactionID, submissionID, employee
    case nps = "NPS"
    case csat = "CSAT"
    case ces = "CES"
    case stars
  }

  private(set) var columns: [Field: String]

  /// - Parameter pairs: `field=COLUMN`, as given with `--map`.
  /// - Throws: `ImportError` for an unknown field, a pair without `=`, or a field given twice.
  init(_ pairs: [String]) throws {
    columns = [:]
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw ImportError("--map takes field=COLUMN, not '\(pair)'") }
      guard let field = Field(rawValue: String(parts[0])) else {
        let known = Field.allCases.map(\.rawValue).joined(separator: ", ")
        throw ImportError("'\(parts[0])' is no field to map to; there are \(known)")
      }
      guard columns.updateValue(String(parts[1]), forKey: field) == nil else {
        throw ImportError("--map \(field.rawValue)=… is given twice")
      }
    }
    guard columns[.text] != nil || Self.scales.keys.contains(where: { columns[$0] != nil }) else {
      throw ImportError("nothing to import: map at least text=COLUMN, or a score")
    }
  }

  /// Where the mapped columns are in `header`.
  /// - Throws: `ImportError` naming the columns that the file has not.
  func positions(in header: [String]) throws -> [Field: Int] {
    let missing = columns.values.filter { !header.contains($0) }.sorted()
    guard missing.isEmpty else {
      throw ImportError(
        "the file has no column \(missing.map { "'\($0)'" }.joined(separator: ", ")); it has "
          + header.map { "'\($0)'" }.joined(separator: ", ")
      )
    }
    return columns.compactMapValues { header.firstIndex(of: $0) }
  }

  /// The ends of the scales that scores are given on.
  static let scales: [Field: (kind: ScoreKind, range: ClosedRange<Double>)] = [
    .nps: (.nps, 0...10), .csat: (.csat, 1...5), .ces: (.ces, 1...7), .stars: (.stars, 1...5),
  ]
}

/// Makes the CloudEvent of a row.
struct EventMaker {
  let programme: ID<Programme>
  let source: String
  let channel: Channel?
  let positions: [ColumnMapping.Field: Int]
  let dateFormat: DateFormat?
  let timeZone: TimeZone
  /// Teams by what the file calls them.
  var teams: [String: ID<Team>]

  /// - Throws: `ImportProblem` where a value can't be read.
  func event(for row: ImportRow) throws(ImportProblem) -> JSONValue {
    if let problem = row.problem { throw problem }
    var data: [String: JSONValue] = ["programme": .string(programme.rawValue)]
    for (field, name) in Self.copied {
      if let text = value(field, in: row) { data[name] = .string(text) }
    }
    if let channel, data["channel"] == nil { data["channel"] = .string(channel.rawValue) }
    if let name = value(.team, in: row) { data["team"] = .string((teams[name] ?? ID(name)).rawValue) }
    if let time = try occurredAt(row) { data["occurredAt"] = .string(time.description) }
    let scores = try scores(row)
    if !scores.isEmpty { data["scores"] = .array(scores) }
    guard data["text"] != nil || !scores.isEmpty else {
      throw ImportProblem(reason: "emptyRow", message: "the row has neither text nor a score")
    }
    return [
      "specversion": "1.0", "type": .string(IntakeType.feedback.rawValue), "source": .string(source),
      "id": .string(value(.id, in: row) ?? Self.contentID(of: row)), "datacontenttype": "application/json",
      "data": .object(data),
    ]
  }

  private static let copied: [(ColumnMapping.Field, String)] = [
    (.text, "text"), (.customer, "customer"), (.channel, "channel"), (.touchpoint, "touchpoint"),
    (.language, "language"), (.interactionID, "interactionID"), (.submissionID, "submissionID"),
    (.employee, "employee"),
  ]

  private func value(_ field: ColumnMapping.Field, in row: ImportRow) -> String? {
    guard let position = positions[field] else { return nil }
    let text = row.values[position]
    return text.allSatisfy(\.isWhitespace) ? nil : text
  }

  private func occurredAt(_ row: ImportRow) throws(ImportProblem) -> Timestamp? {
    guard let text = value(.occurredAt, in: row) else { return nil }
    guard let time = dateFormat?.timestamp(text, in: timeZone) else {
      throw ImportProblem(
        reason: "unreadableTime",
        message: "'\(text)' isn't a time of the form \(dateFormat?.name ?? "known")"
      )
    }
    return time
  }

  private func scores(_ row: ImportRow) throws(ImportProblem) -> [JSONValue] {
    var scores: [JSONValue] = []
    for (field, scale) in ColumnMapping.scales.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      guard let text = value(field, in: row) else { continue }
      guard let number = Double(text), scale.range.contains(number) else {
        throw ImportProblem(
          reason: "unreadableScore",
          message: "'\(text)' isn't a \(field.rawValue) from \(scale.range.lowerBound) to \(scale.range.upperBound)"
        )
      }
      scores.append([
        "kind": .string(scale.kind.rawValue), "value": .number(number), "minimum": .number(scale.range.lowerBound),
        "maximum": .number(scale.range.upperBound),
      ])
    }
    return scores
  }

  /// For files without an id: the row's number and content, so that the same file imported again adds nothing.
  private static func contentID(of row: ImportRow) -> String {
    let digest = SHA256.hash(data: row.raw)
    return "row-\(row.number)-"
      + digest.prefix(8).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
  }
}
