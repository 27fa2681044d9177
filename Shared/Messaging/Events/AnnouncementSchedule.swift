/// When a stream's publisher says how far it has got.
///
/// After every 100 ms of quiet that follow a burst, so that the loss of its last frame is soon noticed; then each
/// second, so that silence means trouble; and at once when a subscription arrives, which is the subscriber's proof
/// that it did. Welcomes keep a distance, however many subscribe at the same time: one is for all of them.
package struct AnnouncementSchedule: Sendable {
  package enum Announcement: Hashable, Sendable {
    case heartbeat, welcome
  }

  package static let quietAfterBurst = Duration.milliseconds(100)
  package static let period = Duration.seconds(1)
  package static let welcomeDistance = Duration.milliseconds(50)

  private var announcedAt: MonotonicInstant
  private var welcomedAt: MonotonicInstant?
  /// When the last frame was published that no announcement has followed yet.
  private var burstAt: MonotonicInstant?
  private var owesWelcome = false

  package init(now: MonotonicInstant) {
    announcedAt = now
  }

  package mutating func framesPublished(_ now: MonotonicInstant) {
    burstAt = now
  }

  package mutating func subscriptionArrived() {
    owesWelcome = true
  }

  /// When to ask `take` next, at the latest.
  package var due: MonotonicInstant {
    var due = announcedAt + Self.period
    if let burstAt { due = min(due, burstAt + Self.quietAfterBurst) }
    if owesWelcome { due = min(due, welcomeDue) }
    return due
  }

  /// - Returns: what is to be said now; it counts as said.
  package mutating func take(_ now: MonotonicInstant) -> Announcement? {
    if owesWelcome, now >= welcomeDue {
      owesWelcome = false
      welcomedAt = now
      return announce(.welcome, now)
    }
    if let burstAt, now >= burstAt + Self.quietAfterBurst { return announce(.heartbeat, now) }
    if now >= announcedAt + Self.period { return announce(.heartbeat, now) }
    return nil
  }

  private var welcomeDue: MonotonicInstant {
    welcomedAt.map { $0 + Self.welcomeDistance } ?? announcedAt
  }

  private mutating func announce(_ announcement: Announcement, _ now: MonotonicInstant) -> Announcement {
    announcedAt = now
    burstAt = nil
    return announcement
  }
}
