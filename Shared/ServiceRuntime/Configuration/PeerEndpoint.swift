/// Where another service is reached: `ranking=tcp://10.0.0.7:7420`.
package struct PeerEndpoint: Hashable, Sendable {
  package let service: String
  package let endpoint: String

  /// - Throws: `SettingProblem` unless it is `SERVICE=ENDPOINT` with one of Groundswell's services.
  package static func parse(_ text: String) throws(SettingProblem) -> PeerEndpoint {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { throw SettingProblem("must be SERVICE=ENDPOINT, e.g. ranking=tcp://10.0.0.7:7420") }
    let service = String(parts[0])
    guard ServiceProfile.all.contains(where: { $0.name == service }) else {
      let names = ServiceProfile.all.map(\.name).joined(separator: ", ")
      throw SettingProblem("must name one of the services \(names)")
    }
    try Endpoints.check(String(parts[1]))
    return PeerEndpoint(service: service, endpoint: String(parts[1]))
  }
}

/// The spelling of ZeroMQ endpoints.
enum Endpoints {
  /// - Throws: `SettingProblem` unless `text` is `tcp://HOST:PORT` or `ipc://PATH`.
  static func check(_ text: String) throws(SettingProblem) {
    if text.hasPrefix("tcp://") {
      let address = String(text.dropFirst(6))
      if HostAndPort(address) != nil || address.hasSuffix(":*") { return }
    } else if text.hasPrefix("ipc://"), text.utf8.count > 6 {
      // A Unix socket's path, with its closing zero, has to fit 108 bytes.
      if text.utf8.count - 6 < 108 { return }
      throw SettingProblem("must have a path shorter than 108 bytes")
    }
    throw SettingProblem("must be tcp://HOST:PORT or ipc://PATH")
  }

  /// The same host at `offset` ports further; nil for anything that has no port.
  static func neighbour(of endpoint: String, offset: Int) -> String? {
    guard endpoint.hasPrefix("tcp://"), let address = HostAndPort(String(endpoint.dropFirst(6))) else { return nil }
    return "tcp://\(HostAndPort(host: address.host, port: address.port + offset))"
  }
}
