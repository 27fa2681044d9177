import GRPCCore

/// What one client of a server may do by the key that its messages carry; on the socket thread.
///
/// The grant is looked up again whenever the allow-list has changed.
final class ClientRights {
  let caller: AuthenticatedCaller
  private let admission: CallAdmission
  /// The key as each message carries it.
  private let userID: [CChar]
  private var grant: KeyGrant?
  private var revision = 0
  private var account: (name: String, usage: KeyUsage)?

  init(ofKey key: String, _ admission: CallAdmission) {
    caller = AuthenticatedCaller(key: key, access: admission.access)
    self.admission = admission
    userID = Array(key.utf8CString)
  }

  /// What the client's calls count for, once one was admitted.
  var usage: KeyUsage? { account?.usage }

  /// Whether a message comes by the same key.
  func areOfSender(of message: borrowing Message) -> Bool { message.isFrom(userID) }

  /// Why a call isn't taken; nil where it is.
  func refusal(of method: MethodDescriptor, _ now: MonotonicInstant) -> RPCError? {
    if let objection = objection(to: method) { return objection }
    guard let grant else { return nil }
    if account == nil { account = admission.addClient(by: grant, now: now).map { (grant.name, $0) } }
    return admission.excess(of: grant, isCounted: account != nil, now)
  }

  /// Why a call may not be made, or go on, whatever else is under way; nil where it may.
  func objection(to method: MethodDescriptor) -> RPCError? {
    // The revision first: should the list change in between, it is looked up again the next time.
    let current = admission.access.revision
    if revision != current {
      grant = caller.grant
      revision = current
    }
    return admission.objection(to: method, by: grant)
  }

  /// The client has gone.
  func end() {
    if let account { admission.removeClient(of: account.name) }
    account = nil
  }
}
