import Contracts
import GRDB

/// What a batch adds to the counts of channels: gathered first, so that each count is written once a batch.
struct ChannelCounts {
  private struct Key: Hashable {
    var programme: ID<Programme>
    var channel: String
  }

  private struct DayKey: Hashable {
    var channel: Key
    var day: CalendarDay
  }

  private struct Day {
    var feedback = 0
    var heard = 0
    var arrived = 0
  }

  private var days: [DayKey: Day] = [:]
  private var lastReceivedAt: [Key: Timestamp] = [:]

  /// - Parameter isNewInteraction: nothing had been heard of its interaction in this channel, or it names none and
  ///   stands for one of its own.
  mutating func add(_ feedback: PreparedFeedback, isNewInteraction: Bool) {
    let channel = Key(programme: feedback.programme, channel: feedback.channel)
    let occurred = DayKey(channel: channel, day: feedback.occurredOn)
    days[occurred, default: Day()].feedback += 1
    if isNewInteraction { days[occurred, default: Day()].heard += 1 }
    days[DayKey(channel: channel, day: feedback.receivedOn), default: Day()].arrived += 1
    lastReceivedAt[channel] = max(lastReceivedAt[channel] ?? feedback.receivedAt, feedback.receivedAt)
  }

  func write(to database: Database) throws {
    for (key, day) in days {
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO channel_day (programme, channel, day, feedback, heard, arrived) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET feedback = feedback + excluded.feedback, heard = heard + excluded.heard,
            arrived = arrived + excluded.arrived
          """
      )
      try statement.execute(arguments: [
        key.channel.programme.rawValue, key.channel.channel, key.day.number, day.feedback, day.heard, day.arrived,
      ])
    }
    for (key, time) in lastReceivedAt {
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO channel (programme, channel, last_received_at, is_silent) VALUES (?, ?, ?, 0)
          ON CONFLICT DO UPDATE SET last_received_at = max(last_received_at, excluded.last_received_at), is_silent = 0
          """
      )
      try statement.execute(arguments: [key.programme.rawValue, key.channel, time.milliseconds])
    }
  }
}
