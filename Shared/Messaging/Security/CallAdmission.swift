import GRPCCore
import Synchronization

/// Calls under way of all clients of one name; counted where they begin and end.
final class KeyUsage: Sendable {
  let calls = Atomic<Int>(0)
}

/// Decides on the socket thread whose calls a server takes, and how many.
///
/// Its size is bounded by that of the allow-list: an entry for each name that is connected.
final class CallAdmission {
  private struct Account {
    let usage = KeyUsage()
    var clients = 0
    var rate: TokenBucket
  }

  let access: AccessControl
  private var accounts: [String: Account] = [:]

  init(_ access: AccessControl) {
    self.access = access
  }

  /// Counts a client that makes its first call. One that was counted has to be counted out again.
  /// - Returns: what its calls count for; nil where there are too many clients of that name already.
  func addClient(by grant: KeyGrant, now: MonotonicInstant) -> KeyUsage? {
    var account =
      accounts[grant.name] ?? Account(rate: TokenBucket(perSecond: grant.limits.callsPerSecond, now: now))
    guard account.clients < grant.limits.clients else { return nil }
    account.clients += 1
    accounts[grant.name] = account
    return account.usage
  }

  func removeClient(of name: String) {
    guard var account = accounts.removeValue(forKey: name) else { return }
    account.clients -= 1
    if account.clients > 0 { accounts[name] = account }
  }

  /// Why a key may not call a method at all, however seldom; nil where it may.
  /// - Parameter grant: of the caller's key, as it is now; nil for a key that isn't listed.
  func objection(to method: MethodDescriptor, by grant: KeyGrant?) -> RPCError? {
    guard let grant else {
      access.count(.callUnauthenticated)
      return RPCError(code: .unauthenticated, message: "the key is not on the server's allow-list")
    }
    guard !grant.mayCall(method.service.fullyQualifiedService, method.method) else { return nil }
    access.count(.callDenied)
    let message =
      "'\(grant.name)' may not call \(method.fullyQualifiedMethod); the server's allow-list says what it may"
    return RPCError(code: .permissionDenied, message: message)
  }

  /// Why a call that the key may make would be too much just now; nil where it isn't.
  /// - Parameter isCounted: whether its client is among those that the key may have.
  func excess(of grant: KeyGrant, isCounted: Bool, _ now: MonotonicInstant) -> RPCError? {
    let limits = grant.limits
    guard isCounted, var account = accounts[grant.name] else {
      return limited("\(limits.clients) clients of '\(grant.name)' are connected")
    }
    if account.rate.perSecond != limits.callsPerSecond {
      account.rate = TokenBucket(perSecond: limits.callsPerSecond, now: now)
    }
    defer { accounts[grant.name] = account }
    if account.usage.calls.load(ordering: .relaxed) >= limits.calls {
      return limited("\(limits.calls) calls of '\(grant.name)' are under way")
    }
    guard account.rate.take(now) else {
      return limited("more than \(limits.callsPerSecond) calls of '\(grant.name)' came within a second")
    }
    return nil
  }

  private func limited(_ what: String) -> RPCError {
    access.count(.callLimited)
    return RPCError(code: .resourceExhausted, message: "\(what); try again later")
  }
}
