import Foundation
import TestSupport

/// The links between the services of a relayed cluster: two for each, one to its events, one to its calls.
struct FaultyNetwork: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case events = "publish"
    case calls = "answer"
  }

  private let links: [String: [Kind: FaultyLink]]

  init(of cluster: Cluster) throws {
    var links: [String: [Kind: FaultyLink]] = [:]
    for service in Cluster.services {
      for kind in Kind.allCases {
        let endpoint = cluster.endpoint(service, kind.rawValue)
        guard
          let port = cluster.relayPort(service, kind.rawValue),
          let target = endpoint.split(separator: ":").last.flatMap({ Int($0) })
        else { continue }
        links[service, default: [:]][kind] = try FaultyLink(from: port, to: target)
      }
    }
    self.links = links
  }

  /// The links to a service; all of them unless some kind is given.
  func links(to service: String, _ kinds: [Kind] = Kind.allCases) -> [FaultyLink] {
    kinds.compactMap { links[service]?[$0] }
  }

  private var all: [FaultyLink] { links.values.flatMap(\.values) }

  func heal() {
    for link in all { link.become(.sound) }
  }

  func close() {
    for link in all { link.close() }
  }
}
