/// Where a socket listens or connects: `tcp://host:port`, `ipc:///path` or `inproc://name`.
///
/// Port `*` lets the system choose one; the socket's `lastEndpoint` then tells which.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  private enum Address: Hashable {
    case tcp(host: String, port: UInt16)
    case ipc
    case inproc
  }

  package let description: String
  private let address: Address

  /// - Throws: `ZeroMQError` with `malformedEndpoint` and what is wrong with the text.
  package init(_ text: String) throws(ZeroMQError) {
    func malformed(_ why: String) -> ZeroMQError {
      ZeroMQError(.configure, .malformedEndpoint(why), endpoint: text)
    }
    guard let separator = text.range(of: "://") else {
      throw malformed("an endpoint is tcp://host:port, ipc:///path or inproc://name")
    }
    let rest = text[separator.upperBound...]
    switch text[..<separator.lowerBound] {
    case "tcp":
      guard let colon = rest.lastIndex(of: ":"), colon > rest.startIndex else {
        throw malformed("a tcp endpoint names a host and a port, as in tcp://127.0.0.1:7411")
      }
      let port = rest[rest.index(after: colon)...]
      guard let number = port == "*" ? 0 : UInt16(port) else {
        throw malformed("'\(port)' is not a port; give 0 to 65535, or * for any free one")
      }
      address = .tcp(host: String(rest[..<colon]), port: number)
    case "ipc":
      guard !rest.isEmpty else { throw malformed("an ipc endpoint names a path, as in ipc:///run/groundswell/calls") }
      guard rest.utf8.count <= Endpoint.longestPath else {
        throw malformed("the path has \(rest.utf8.count) bytes; a Unix socket's has at most \(Endpoint.longestPath)")
      }
      address = .ipc
    case "inproc":
      guard !rest.isEmpty else { throw malformed("an inproc endpoint has a name") }
      address = .inproc
    default: throw malformed("'\(text[..<separator.lowerBound])' is none of tcp, ipc and inproc")
    }
    description = text
  }

  /// `sun_path` of `sockaddr_un` has 108 bytes, the last a zero.
  private static let longestPath = 107

  /// Whether traffic through it stays on this machine.
  package var isLocal: Bool {
    switch address {
    case .ipc, .inproc: true
    case .tcp(let host, _): host == "localhost" || host == "lo" || host == "[::1]" || Endpoint.isLoopback(host)
    }
  }

  /// Host and port of a tcp endpoint; port 0 stands for any free one.
  var tcpAddress: (host: String, port: Int)? {
    if case .tcp(let host, let port) = address { (host, Int(port)) } else { nil }
  }

  /// Whether the host is an IPv6 address in brackets, which libzmq accepts only with an option set.
  var needsIPv6: Bool {
    if case .tcp(let host, _) = address { host.hasPrefix("[") } else { false }
  }

  /// Whether `host` is in 127.0.0.0/8 (RFC 1122, 3.2.1.3), written as four numbers: `127.0.0.1.example.org` isn't.
  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension String {
  /// The first occurrence of `text`; here so that this file needs no Foundation.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
