package import Contracts
import GRDB

extension Transaction {
  /// The response that a request got the first time; nil where it is new, or older than the store remembers.
  package func recordedResponse(to request: ID<Request>) throws -> [UInt8]? {
    try requests.response(to: request)
  }

  /// Remembers a response, for when the same request comes again.
  /// - Parameter partition: the one that the request was about, along with which it moves to another instance.
  /// - Throws: where there is one already.
  package func recordResponse(
    _ response: [UInt8],
    to request: ID<Request>,
    about partition: Partition? = nil
  ) throws {
    try requests.insert(response, to: request, about: partition, at: now)
  }
}

/// Every command looks its request up and adds it, so these go past GRDB.
final class RequestStatements {
  private let select: HotStatement
  private let insert: HotStatement
  private let trim: HotStatement
  /// Responses recorded since the last trim.
  private var recorded = 0

  init(_ database: Database) throws {
    select = try HotStatement(database, "SELECT response FROM requests WHERE id = ?")
    insert = try HotStatement(
      database,
      "INSERT INTO requests (id, created_at, response, partition) VALUES (?, ?, ?, ?)"
    )
    // Numbers follow the time, so the oldest come first and no index on the time is needed.
    trim = try HotStatement(
      database,
      """
      DELETE FROM requests WHERE number IN (
        SELECT number FROM (SELECT number, created_at FROM requests ORDER BY number LIMIT ?) WHERE created_at < ?)
      """
    )
  }

  func response(to request: ID<Request>) throws -> [UInt8]? {
    var id = request.rawValue
    return try id.withUTF8 { id in
      select.bind(id, textAt: 1)
      return try select.firstRow { [UInt8]($0.bytes(0)) }
    }
  }

  func insert(
    _ response: [UInt8],
    to request: ID<Request>,
    about partition: Partition?,
    at now: Timestamp
  ) throws {
    var id = request.rawValue
    try id.withUTF8 { id in
      try response.withUnsafeBytes { response in
        insert.bind(id, textAt: 1)
        insert.bind(now.milliseconds, at: 2)
        insert.bind(response, at: 3)
        // What isn't bound is NULL.
        if let partition { insert.bind(Int64(partition.rawValue), at: 4) }
        try insert.run()
      }
    }
    recorded += 1
  }

  /// Forgets responses from before `limit`: at most twice as many as were added since the last time, so the table
  /// stays within its age and no commit pays for many others.
  func trim(before limit: Timestamp) throws {
    guard recorded > 0 else { return }
    trim.bind(Int64(2 * recorded), at: 1)
    trim.bind(limit.milliseconds, at: 2)
    try trim.run()
    recorded = 0
  }
}
