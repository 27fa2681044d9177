import Contracts
import Foundation
import GRDB

/// Reads feedback back.
struct FeedbackQueries {
  let database: Database

  static let mostPerPage = 500
  static let usualPage = 50

  /// - Throws: `Fault` for a request that makes no sense, or `unknownProgramme`.
  func page(_ request: FeedbackRequest) throws -> FeedbackPage {
    _ = try DirectoryRows.programme(request.programme, in: database, field: "programme")
    let limit = request.limit ?? FeedbackQueries.usualPage
    guard (1...FeedbackQueries.mostPerPage).contains(limit) else {
      throw Fault(
        .invalidArgument,
        reason: "outOfBounds",
        "A page has 1 to \(FeedbackQueries.mostPerPage) items.",
        field: "limit"
      )
    }
    if let ids = request.ids { return try FeedbackPage(feedback: feedback(ids, in: request.programme)) }
    return try newest(request, limit: limit)
  }

  /// In the order in which they were asked for; unknown and erased ones are left out.
  private func feedback(_ ids: [ID<Feedback>], in programme: ID<Programme>) throws -> [Feedback] {
    guard ids.count <= FeedbackQueries.mostPerPage else {
      throw Fault(
        .invalidArgument,
        reason: "tooMany",
        "At most \(FeedbackQueries.mostPerPage) ids are taken at once.",
        field: "ids"
      )
    }
    return try ids.compactMap { id in
      let statement = try database.cachedStatement(
        sql: "SELECT body FROM feedback WHERE id = ? AND programme = ? AND erased_at IS NULL"
      )
      return try Data.fetchOne(statement, arguments: [id.rawValue, programme.rawValue]).map(FeedbackQueries.decoded)
    }
  }

  /// Latest arrivals first. The cursor is the arrival number of the last one on the page.
  private func newest(_ request: FeedbackRequest, limit: Int) throws -> FeedbackPage {
    var conditions = ["programme = ?", "erased_at IS NULL"]
    var arguments: StatementArguments = [request.programme.rawValue]
    if let team = request.team {
      conditions.append("team = ?")
      arguments += [team.rawValue]
    }
    if let channel = request.channel {
      conditions.append("channel = ?")
      arguments += [channel.rawValue]
    }
    if let cursor = request.cursor {
      guard let arrival = Int64(cursor) else {
        throw Fault(
          .invalidArgument,
          reason: "invalidCursor",
          "'\(cursor.prefix(40))' is no cursor of an earlier page.",
          field: "cursor"
        )
      }
      conditions.append("arrival < ?")
      arguments += [arrival]
    }
    let statement = try database.cachedStatement(
      sql: """
        SELECT arrival, body FROM feedback WHERE \(conditions.joined(separator: " AND "))
        ORDER BY arrival DESC LIMIT ?
        """
    )
    let rows = try Row.fetchAll(statement, arguments: arguments + [limit + 1])
    let page = rows.prefix(limit)
    return FeedbackPage(
      feedback: try page.map { try FeedbackQueries.decoded($0[1]) },
      cursor: rows.count > limit ? page.last.map { String($0[0] as Int64) } : nil
    )
  }

  private static func decoded(_ body: Data) throws -> Feedback {
    try JSONDecoder().decode(FeedbackRecorded.self, from: body).feedback
  }
}
