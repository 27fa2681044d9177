/// An address for HTTP to listen at: `127.0.0.1:7412`, `[::1]:7412`; port 0 takes any that is free.
package struct HostAndPort: Hashable, Sendable, LosslessStringConvertible {
  package let host: String
  package let port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package init?(_ description: String) {
    guard let colon = description.lastIndex(of: ":"),
      let port = UInt16(description[description.index(after: colon)...])
    else { return nil }
    var host = description[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  static func parse(_ text: String) throws(SettingProblem) -> HostAndPort {
    guard let address = HostAndPort(text) else { throw SettingProblem("must be HOST:PORT, e.g. 127.0.0.1:7412") }
    return address
  }
}
