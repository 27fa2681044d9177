import Contracts
import GRDB

/// How much of what happens is heard of, and which channels have fallen silent.
struct CoverageQueries {
  let database: Database

  /// - Throws: `Fault` with reason `unknownProgramme`.
  func report(_ request: CoverageRequest, now: Timestamp) throws -> CoverageReport {
    let programme = try DirectoryRows.programme(request.programme, in: database, field: "programme")
    let first = request.since.map { programme.day(of: $0).number } ?? Int.min
    var channels: [String: ChannelCoverage] = [:]
    func channel(_ name: String, _ change: (inout ChannelCoverage) -> Void) {
      var coverage =
        channels[name]
        ?? ChannelCoverage(channel: Open(rawValue: name), feedback: 0, interactionsWithSignal: 0, isSilent: false)
      change(&coverage)
      channels[name] = coverage
    }
    for row in try Row.fetchAll(
      database,
      sql: """
        SELECT channel, sum(feedback), sum(heard) FROM channel_day WHERE programme = ? AND day >= ? GROUP BY channel
        """,
      arguments: [programme.id.rawValue, first]
    ) {
      channel(row[0]) {
        $0.feedback = row[1]
        $0.interactionsWithSignal = row[2]
      }
    }
    for row in try Row.fetchAll(
      database,
      sql: "SELECT channel, sum(count) FROM interaction_count WHERE programme = ? AND day >= ? GROUP BY channel",
      arguments: [programme.id.rawValue, first]
    ) {
      channel(row[0]) { $0.interactions = row[1] }
    }
    for row in try Row.fetchAll(
      database,
      sql: "SELECT channel, last_received_at FROM channel WHERE programme = ?",
      arguments: [programme.id.rawValue]
    ) {
      let isSilent = try isSilent(row[0], of: programme, now: now)
      channel(row[0]) {
        $0.lastReceivedAt = Timestamp(milliseconds: row[1])
        $0.isSilent = isSilent
      }
    }
    return CoverageReport(channels: channels.sorted { $0.key < $1.key }.map(\.value))
  }

  func isSilent(_ channel: String, of programme: KnownProgramme, now: Timestamp) throws -> Bool {
    // The window is counted from the last arrival, so a channel that has been silent for long is one still.
    let last = try Int.fetchOne(
      database,
      sql: "SELECT max(day) FROM channel_day WHERE programme = ? AND channel = ? AND arrived > 0",
      arguments: [programme.id.rawValue, channel]
    )
    guard let last else { return false }
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT day, arrived FROM channel_day WHERE programme = ? AND channel = ? AND day > ?",
      arguments: [programme.id.rawValue, channel, last - Silence.window]
    )
    let arrivals = Dictionary(
      rows.map { (CalendarDay(number: $0[0]), $0[1] as Int) },
      uniquingKeysWith: { one, _ in one }
    )
    return Silence.isSilent(arrivals: arrivals, today: programme.day(of: now))
  }

  /// A channel that fell silent since this was last asked.
  struct Alarm: Hashable, Sendable {
    var programme: ID<Programme>
    var channel: String
    var lastReceivedAt: Timestamp
  }

  /// Notes which channels are silent now.
  /// - Returns: those that weren't before, and how many are in all.
  func noteSilence(now: Timestamp) throws -> (alarms: [Alarm], silent: Int) {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT c.programme, c.channel, c.last_received_at, c.is_silent, p.default_language, p.time_zone
        FROM channel c JOIN programme p ON p.id = c.programme
        """
    )
    var alarms: [Alarm] = []
    var silent = 0
    for row in rows {
      let programme = KnownProgramme(id: ID(row[0]), defaultLanguage: row[4], timeZone: row[5])
      guard try isSilent(row[1], of: programme, now: now) else { continue }
      silent += 1
      guard !(row[3] as Bool) else { continue }
      try database.execute(
        sql: "UPDATE channel SET is_silent = 1 WHERE programme = ? AND channel = ?",
        arguments: [programme.id.rawValue, row[1] as String]
      )
      alarms.append(
        Alarm(
          programme: programme.id,
          channel: row[1],
          lastReceivedAt: Timestamp(milliseconds: row[2])
        )
      )
    }
    return (alarms, silent)
  }
}
