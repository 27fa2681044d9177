/// A server's view of one client, as a value: alive, to be asked, gone, or no longer worth remembering.
struct PeerMachine: Sendable {
  enum Input: Sendable {
    case received
    /// HELLO: the client starts anew, whatever it had begun before.
    case greeted
    /// GOODBYE: every call is over, by the client's will or because the server has said so.
    case left
    case tick(callCount: Int)
  }

  enum Effect: Sendable, Equatable {
    /// Every call that the peer has begun is void: it starts anew, or goes.
    case resetCalls
    case welcome
    /// Also finds peers that have vanished: sending to them fails.
    case ping
    /// Silent for a lease although asked.
    case expired
    /// Nothing has been heard of it for long, and it has no calls.
    case forget
  }

  /// How long the server keeps a peer without calls in mind; who takes itself for known is asked then.
  static let memory = Duration.seconds(60)
  /// How long it is asked in vain. Who has vanished is found at the first question, as it can't be sent.
  static let longestSilence = Duration.seconds(600)

  private var lease: Lease
  private var lastHeard: MonotonicInstant
  private var lastAsked: MonotonicInstant
  /// Only who said HELLO has promised to answer PING.
  private var hasGreeted = false
  /// Whether it has said HELLO and not GOODBYE: it takes itself for known, and is going to answer GOODBYE.
  private(set) var answersGoodbye = false

  init(lease: Duration, now: MonotonicInstant) {
    self.lease = Lease(lease, from: now)
    lastHeard = now
    lastAsked = now
  }

  mutating func step(_ input: Input, now: MonotonicInstant) -> [Effect] {
    switch input {
    case .received:
      lease.renew(now)
      lastHeard = now
      return []
    case .greeted:
      hasGreeted = true
      answersGoodbye = true
      return [.resetCalls, .welcome]
    case .left:
      answersGoodbye = false
      return [.resetCalls]
    case .tick(let callCount):
      guard callCount > 0 else {
        lease.renew(now)
        guard now >= max(lastHeard, lastAsked) + PeerMachine.memory else { return [] }
        guard answersGoodbye, now < lastHeard + PeerMachine.longestSilence else { return [.forget] }
        lastAsked = now
        return [.ping]
      }
      if hasGreeted, lease.isExpired(now) { return [.expired] }
      return lease.asks(now) ? [.ping] : []
    }
  }
}
