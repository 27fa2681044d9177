import Foundation
import ServiceRuntime

/// Who listens where somebody else wants to, as far as /proc lets this user see.
struct SocketHolder: Hashable {
  /// nil where the process is another user's.
  var process: pid_t?
  /// Its program, without directories.
  var program: String?
  /// The data directory of the Groundswell that it belongs to, where it does.
  var groundswell: String?

  var description: String {
    guard let process else { return "a process that this user may not see" }
    let name = "process \(process)\(program.map { " (\($0))" } ?? "")"
    return groundswell.map { "\(name) of the Groundswell on \($0)" } ?? name
  }

  /// - Parameter address: `tcp://127.0.0.1:7420`, `ipc:///run/x` or `127.0.0.1:8080`.
  /// - Returns: nil where nobody listens there.
  static func listening(at address: String) -> SocketHolder? {
    let socket =
      address.hasPrefix("ipc://")
      ? ProcessTable.inode(ofUnixSocketAt: String(address.dropFirst(6)))
      : HostAndPort(address.replacing("tcp://", with: "")).flatMap(ProcessTable.inode(listeningAt:))
    guard let socket else { return nil }
    guard let process = ProcessTable.process(holding: "socket:[\(socket)]") else { return SocketHolder() }
    let store = ProcessTable.openFiles(of: process).first { $0.hasSuffix(".sqlite.lock") }
    return SocketHolder(
      process: process,
      program: ProcessTable.program(of: process),
      groundswell: store.map { URL(filePath: $0).deletingLastPathComponent().path }
    )
  }
}

/// What Linux says of processes and sockets, proc(5). What it doesn't show isn't there for us: absence is the answer.
private enum ProcessTable {
  static func process(holding file: String) -> pid_t? {
    contents(of: "/proc").lazy.compactMap { pid_t($0) }.first { openFiles(of: $0).contains(file) }
  }

  static func program(of process: pid_t) -> String? {
    target(of: "/proc/\(process)/exe").map { URL(filePath: $0).lastPathComponent }
  }

  /// Empty for other users' processes, and for those that have just ended.
  static func openFiles(of process: pid_t) -> [String] {
    let folder = "/proc/\(process)/fd"
    return contents(of: folder).compactMap { target(of: "\(folder)/\($0)") }
  }

  static func inode(ofUnixSocketAt path: String) -> Substring? {
    lines(of: "/proc/net/unix").lazy.map { $0.split(separator: " ") }.first { $0.count == 8 && $0[7] == path }?[6]
  }

  /// The socket that keeps others from listening at an address: one that listens there, or at all addresses.
  static func inode(listeningAt address: HostAndPort) -> Substring? {
    let port = String(format: "%04X", address.port)
    let wanted = hexadecimal(address.host)
    let listening = "0A"
    let isAny = { (host: Substring) in host.allSatisfy { $0 == "0" } }
    return (lines(of: "/proc/net/tcp") + lines(of: "/proc/net/tcp6")).lazy.map { $0.split(separator: " ") }
      .first { fields in
        guard fields.count > 9, fields[3] == listening else { return false }
        let local = fields[1].split(separator: ":")
        guard local.count == 2, local[1] == port else { return false }
        return local[0] == wanted || isAny(local[0]) || isAny(wanted[...])
      }?[9]
  }

  /// An address as proc(5) writes it: words of 32 bits in the host's order. Names and `*` are taken for loopback and any.
  private static func hexadecimal(_ host: String) -> String {
    var (four, six) = (in_addr(), in6_addr())
    if inet_pton(AF_INET6, host, &six) == 1 {
      return withUnsafeBytes(of: &six) { bytes in
        bytes.bindMemory(to: UInt32.self).map { String(format: "%08X", $0) }.joined()
      }
    }
    if host == "*" { return "00000000" }
    if inet_pton(AF_INET, host, &four) != 1 { four.s_addr = UInt32(0x7F00_0001).bigEndian }
    return String(format: "%08X", four.s_addr)
  }

  private static func contents(of folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private static func target(of path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: path)
  }

  /// Reads to the end: proc(5) gives a long table in pieces, and no size by which to know that more is to come.
  private static func lines(of path: String) -> [Substring] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
