import Foundation

/// Why a service doesn't serve.
struct Obstacle: Equatable, Sendable {
  var service: String
  var reason: String
  /// Who holds an address that the service wants.
  var holder: SocketHolder?

  /// What there is against the supervisor itself.
  static func supervisor(_ reason: String, _ folder: RunFolder) -> Obstacle {
    Obstacle(service: "the supervisor", reason: "\(reason); see \(folder.log(of: "supervisor").path)")
  }

  /// What to do about obstacles, in a sentence.
  /// - Parameter data: the directory that the services are started on.
  static func advice(on obstacles: [Obstacle], startedOn data: URL) -> String {
    let holders = obstacles.compactMap(\.holder)
    guard let other = holders.lazy.compactMap(\.groundswell).first else {
      return holders.isEmpty
        ? "mend that, and try again"
        : "stop what holds the address, or give the service another one in a settings file (--config)"
    }
    guard URL(filePath: other).resolvingSymlinksInPath() == data.resolvingSymlinksInPath() else {
      return "stop the other one with groundswell down --data \(other), or give this one addresses of its own in a "
        + "settings file (--config)"
    }
    let processes = Set(holders.compactMap(\.process)).sorted().map { "\($0)" }.joined(separator: " ")
    return "end what is left of an earlier run: kill \(processes)"
  }
}

/// Finds out who holds the addresses that services want.
struct AddressCheck: Sendable {
  /// What each service listens at, by its name.
  let addresses: [String: [String]]

  /// Services whose addresses are taken, in the order of their names.
  var obstacles: [Obstacle] { addresses.keys.sorted().compactMap(obstacle) }

  func obstacle(_ service: String) -> Obstacle? {
    for address in addresses[service] ?? [] {
      guard let holder = SocketHolder.listening(at: address) else { continue }
      return Obstacle(service: service, reason: "\(address) is held by \(holder.description)", holder: holder)
    }
    return nil
  }
}
