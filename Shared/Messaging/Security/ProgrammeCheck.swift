package import Contracts
import Foundation

/// Holds the requests of a key that is limited to some programmes to those.
struct ProgrammeCheck: Sendable {
  /// Services whose requests are about no programme: what they let a key see is decided in another way.
  private static let exempt: Set<String> = ["health.v1", "journal.v1", "reflection.v1"]

  private let caller: AuthenticatedCaller

  /// - Returns: nil where nothing has to be checked.
  init?(_ caller: AuthenticatedCaller?, _ method: MethodName) {
    guard let caller, caller.grant?.programmes != .all, !ProgrammeCheck.exempt.contains(method.service) else {
      return nil
    }
    self.caller = caller
  }

  /// - Throws: PERMISSION_DENIED for a request that names a programme out of bounds, or none at all: it could be about
  ///   any. UNAUTHENTICATED once the key has been taken off the list.
  func check(_ request: some Sendable) throws(Fault) {
    guard let grant = caller.grant else {
      throw Fault(.unauthenticated, reason: "keyUnknown", "The key is not on the server's allow-list.")
    }
    if grant.programmes == .all { return }
    guard let programmes = ProgrammeNames(in: request).all, !programmes.isEmpty else {
      throw denied("'\(grant.name)' may only make requests that name a programme, and this one names none.")
    }
    if let stranger = programmes.sorted().first(where: { !grant.programmes.contains($0) }) {
      throw denied("'\(grant.name)' has no access to the programme '\(stranger)'.")
    }
  }

  private func denied(_ message: String) -> Fault {
    caller.access.count(.callDenied)
    return Fault(.permissionDenied, reason: "programmeForbidden", message, field: "programme")
  }
}

/// The programmes that a request names: every `ID<Programme>` in it, however deep, or what it says itself.
package struct ProgrammeNames {
  /// Requests are shallow.
  private static let deepest = 16

  /// Nil where it can't be told.
  package private(set) var all: Set<ID<Programme>>? = []

  package init(in request: some Sendable) {
    if let request = request as? any ProgrammeNaming {
      all = request.programmes
    } else if let bytes = request as? [UInt8] {
      // A method that takes bytes still takes JSON.
      all = (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)))
        .flatMap { $0["programme"]?.string }
        .map { [ID($0)] }
    } else {
      look(into: request, depth: 0)
    }
  }

  private mutating func look(into value: Any, depth: Int) {
    guard depth <= ProgrammeNames.deepest else { return all = nil }
    if let programme = value as? ID<Programme> {
      all?.insert(programme)
      return
    }
    for child in Mirror(reflecting: value).children { look(into: child.value, depth: depth + 1) }
  }
}
