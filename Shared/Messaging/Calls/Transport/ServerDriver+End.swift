import GRPCCore

/// How long called-off handlers are waited for before the server ends without them.
private let abortPatience = Duration.seconds(1)

/// How a server goes: it announces that it will, lets what it has accepted finish, and leaves once everybody has read
/// to the end.
extension ServerDriver {
  func followStage(_ now: MonotonicInstant) throws(ZeroMQError) {
    let stage = link.stage
    guard stage == .draining || stage == .aborting else { return }
    if stage != announcedStage {
      announcedStage = stage
      if stage == .draining {
        endOfStage = now + limits.drain
        for resident in peers.values { resident.peer.send([.goAway]) }
      } else {
        endOfStage = now + abortPatience
        let error = RPCError(code: .unavailable, message: "the server has shut down")
        for resident in peers.values {
          for call in resident.peer.calls { call.step(.interrupted(error)) }
        }
      }
    }
    let isOverdue = endOfStage.map { now >= $0 } ?? false
    if isOverdue, stage == .draining { return link.abort() }
    guard isOverdue || link.runningHandlers == 0 else { return }
    try sayGoodbye(now)
    guard isOverdue || hasLeave(now) else { return }
    (endOfStage, endOfFarewell) = (nil, nil)
    link.finish()
  }

  private func sayGoodbye(_ now: MonotonicInstant) throws(ZeroMQError) {
    if endOfFarewell == nil {
      endOfFarewell = now + limits.farewell
      for resident in peers.values { resident.peer.send([.goodbye]) }
    }
    try flush()
  }

  /// Whether nobody can miss anything any more: libzmq forgets what a client has received and not yet read as soon as
  /// its connection ends (4.3.4, ZMQ_IMMEDIATE), so the socket stays until each has answered that it has read to the end.
  private func hasLeave(_ now: MonotonicInstant) -> Bool {
    guard blocked.isEmpty else {
      // They haven't even been told.
      endOfFarewell = now + limits.farewell
      return false
    }
    let isPatient = endOfFarewell.map { now < $0 } ?? false
    return !(isPatient && peers.values.contains { $0.machine.answersGoodbye })
  }
}
