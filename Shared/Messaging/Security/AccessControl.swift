package import Contracts
import Synchronization

/// The allow-list in force, for everything that decides by it, and the count of what was decided.
///
/// A decision is made at each handshake, each call and each read of a journal, always by the list of that moment: a key
/// that is taken off the list can do nothing from then on, whatever connections it holds.
package final class AccessControl: Sendable {
  /// What is counted.
  package enum Event: String, Hashable, Sendable, CaseIterable {
    case connectionAdmitted, connectionRefused
    /// By a key that isn't on the list (any more).
    case callUnauthenticated
    case callDenied
    /// Beyond a limit of its key.
    case callLimited
    case listLoaded
    /// The list in force was kept, since the new one can't be used.
    case listRefused
  }

  private struct State {
    var list: KeyAllowList
    var observers: [@Sendable () -> Void] = []
    var counts: [Event: UInt64] = [:]
  }

  private let state: Mutex<State>
  private let revisionCounter = Atomic<Int>(1)

  package init(_ list: KeyAllowList) {
    state = Mutex(State(list: list))
  }

  package var list: KeyAllowList { state.withLock { $0.list } }

  /// Grows with each change of the list, so that what was looked up can be kept until then.
  var revision: Int { revisionCounter.load(ordering: .acquiring) }

  /// Puts another list into force, and tells everyone who decides by it.
  package func replace(by list: KeyAllowList) {
    let observers = state.withLock { state in
      state.list = list
      state.counts[.listLoaded, default: 0] += 1
      return state.observers
    }
    revisionCounter.add(1, ordering: .acquiringAndReleasing)
    for observer in observers { observer() }
  }

  /// Notes that a new list couldn't be used, so that the one in force stays.
  package func refuseList() { count(.listRefused) }

  /// Has `observer` called after each change of the list, on the thread that changes it. For what lives as long as the
  /// process: there is no end to it.
  func observe(_ observer: @escaping @Sendable () -> Void) {
    state.withLock { $0.observers.append(observer) }
  }

  func count(_ event: Event) {
    state.withLock { $0.counts[event, default: 0] += 1 }
  }

  package var counts: [Event: UInt64] { state.withLock { $0.counts } }
}

/// The caller behind a call that came over CURVE: what its key may do, by the list of the moment it is asked.
package struct AuthenticatedCaller: Sendable {
  /// The public key, as Z85.
  let key: String
  let access: AccessControl

  /// Nil once the key has been taken off the list.
  package var grant: KeyGrant? { access.list.grant(ofKey: key) }

  package func mayRead(_ stream: StreamName) -> Bool { grant?.mayRead(stream) ?? false }

  /// On whose behalf a call by the key is made: as it says, or its own where it doesn't say.
  /// - Throws: PERMISSION_DENIED for somebody for whom it may not speak, UNAUTHENTICATED once it is off the list.
  func principal(_ claimed: Principal?) throws(Fault) -> Principal {
    guard let grant else {
      throw Fault(.unauthenticated, reason: "keyUnknown", "The key is not on the server's allow-list.")
    }
    guard let claimed else { return grant.itself }
    guard grant.maySpeakFor(claimed) else {
      access.count(.callDenied)
      throw Fault(
        .permissionDenied,
        reason: "principalForbidden",
        "'\(grant.name)' may not call on behalf of \(claimed.role.rawValue) '\(claimed.name)'; 'speaksFor' on the "
          + "server's allow-list says for whom it may. Its own calls are those of the program '\(grant.name)'.",
        field: MetadataKey.principal
      )
    }
    return claimed
  }
}
