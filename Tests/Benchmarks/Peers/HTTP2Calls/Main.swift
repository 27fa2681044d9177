import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// `http2-calls [CALLS [MESSAGES]]` measures GRPC's own transport between two processes over loopback; the answering
/// one is this program again, with `serve`.
///
/// Flushes aren't coalesced on either side: by default each waits 100 microseconds for company.
@main struct Main {
  static func main() async throws {
    if CommandLine.arguments.dropFirst().first == "serve" { return try await serve() }
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let server = Process()
    let output = Pipe()
    let lifeline = Pipe()
    server.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    server.arguments = ["serve"]
    server.standardOutput = output
    server.standardInput = lifeline
    try server.run()
    defer { server.terminate() }
    let announcement = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(announcement.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw RPCError(code: .unavailable, message: "the server said '\(announcement)' instead of its port")
    }
    var config = HTTP2ClientTransport.Posix.Config.defaults
    config.connection.flushCoalescing = nil
    let transport = try HTTP2ClientTransport.Posix(
      target: .ipv4(address: "127.0.0.1", port: port),
      transportSecurity: .plaintext,
      config: config
    )
    try await withGRPCClient(transport: transport) { client in
      try await Load(client: client, calls: numbers.first ?? 20_000, messages: numbers.dropFirst().first ?? 200_000)
        .run()
    }
  }

  /// Serves until standard input ends.
  private static func serve() async throws {
    var config = HTTP2ServerTransport.Posix.Config.defaults
    config.connection.flushCoalescing = nil
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: "127.0.0.1", port: 0),
      transportSecurity: .plaintext,
      config: config
    )
    try await withGRPCServer(transport: transport, services: [EchoService()]) { _ in
      guard let port = try await transport.listeningAddress.ipv4?.port else {
        throw RPCError(code: .internalError, message: "the server listens on no port")
      }
      print(port)
      fflush(nil)
      while !FileHandle.standardInput.availableData.isEmpty {}
    }
  }
}
