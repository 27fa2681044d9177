import Contracts
import Foundation
import GRPCCore
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// Handshakes of people who mean no good: bytes over raw TCP. Nothing of it reaches a handler, and the server goes on.
@Suite(.timeLimit(.minutes(2)))
struct SecurityHandshakeTests {
  private static let attempts = 150

  @Test(arguments: Seeds.fresh(2))
  func nothingGetsInByAMutatedHandshake(seed: UInt64) async throws {
    let friend = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let port = try #require(endpoint.tcpAddress?.port)
      let honest = try await Self.recordedHandshake(of: friend, server, port: port)
      #expect(honest.count > Handshake.greetingByteCount + 200, "a greeting and a HELLO at least")
      #expect(server.recorder.events.count == 1)
      let attempts = Self.attempts
      await onThreadOfItsOwn {
        var random = TestSupport.SeededGenerator(seed: seed)
        for _ in 0..<attempts { RawConnection(port: port)?.exchange(Handshake.mutation(of: honest, using: &random)) }
      }
      #expect(server.recorder.events.count == 1, "seed \(seed)")
      #expect(server.access.counts[.connectionAdmitted] == 1, "seed \(seed)")
      // The honest are served as before.
      try await server.calling(endpoint, as: friend) { client in
        _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x"), .patient(.seconds(30)))
      }
      #expect(server.recorder.events.count == 2, "seed \(seed)")
    }
  }

  /// A client that claims to need no security, and speaks on as if it had been let in.
  @Test func nothingGetsInByTheNullMechanism() async throws {
    let friend = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let port = try #require(endpoint.tcpAddress?.port)
      var frame: [UInt8] = []
      FrameCodec.append(
        CallRecord(
          1,
          .open(
            OpenRecord(
              method: "probe.v1/Keep",
              remaining: nil,
              window: StreamCredit(messages: 1, bytes: 1),
              metadata: [:]
            )
          )
        ),
        to: &frame
      )
      FrameCodec.append(CallRecord(1, .message(Array(#"{"text":"x"}"#.utf8), closes: true)), to: &frame)
      let ready = Array("\u{5}READY\u{B}Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
      let message = frame
      for mechanism in ["NULL", "PLAIN", "CURVE"] {
        let bytes =
          Handshake.greeting(mechanism) + Handshake.command(ready) + [0, UInt8(message.count)] + message
        await onThreadOfItsOwn { RawConnection(port: port)?.exchange([bytes]) }
      }
      #expect(server.recorder.events == [])
      #expect(server.access.counts[.connectionAdmitted] == nil)
    }
  }

  /// What an honest client says to the server while it connects and makes one call, as an eavesdropper records it.
  private static func recordedHandshake(of player: Player, _ server: SecureServer, port: Int) async throws -> [UInt8] {
    let wire = try Eavesdropper(to: port)
    wire.start()
    let endpoint = try Endpoint("tcp://127.0.0.1:\(wire.port)")
    try await server.calling(endpoint, as: player) { client in
      _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x"), .patient(.seconds(30)))
    }
    return wire.recorded
  }
}

/// Runs work that blocks.
private func onThreadOfItsOwn(_ work: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread {
      work()
      continuation.resume()
    }
  }
}

/// ZMTP 3.0 (RFC 23) as far as an attacker has to speak it.
private enum Handshake {
  static let greetingByteCount = 64

  static func greeting(_ mechanism: String) -> [UInt8] {
    let name = Array(mechanism.utf8) + [UInt8](repeating: 0, count: 20 - mechanism.utf8.count)
    return [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + name + [UInt8](repeating: 0, count: 32)
  }

  static func command(_ body: [UInt8]) -> [UInt8] { [4, UInt8(body.count)] + body }

  /// What to write, piece by piece: from noise to something that is nearly a handshake.
  static func mutation(of honest: [UInt8], using random: inout TestSupport.SeededGenerator) -> [[UInt8]] {
    var bytes: [UInt8]
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes = random.bytes(Int.random(in: 1...400, using: &random))
    case 1: bytes = greeting("CURVE") + random.bytes(Int.random(in: 1...600, using: &random))
    case 2: bytes = greeting("CURVE") + command(Array("\u{5}HELLO\u{1}\u{0}".utf8) + random.bytes(192))
    case 3: bytes = greeting("CURVE") + longCommand(of: .random(in: 0 ... .max, using: &random), &random)
    case 4: bytes = Array(honest.prefix(Int.random(in: 1...honest.count, using: &random)))
    // A replay, word for word: the server's cookie is another each time.
    case 5: bytes = honest
    default:
      bytes = honest
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      }
    }
    var pieces: [[UInt8]] = []
    while !bytes.isEmpty {
      let count = random.happens(0.5) ? bytes.count : Int.random(in: 1...bytes.count, using: &random)
      pieces.append(Array(bytes.prefix(count)))
      bytes.removeFirst(count)
    }
    return pieces
  }

  /// A command that claims a length which it hasn't.
  private static func longCommand(of length: UInt64, _ random: inout TestSupport.SeededGenerator) -> [UInt8] {
    [6] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + random.bytes(64)
  }
}

/// A TCP connection to loopback that blocks, for at most a second at a time.
private final class RawConnection {
  let descriptor: Int32

  init?(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let isConnected = withLoopbackAddress(port: port) { connect(descriptor, $0, $1) == 0 }
    guard isConnected else { return nil }
  }

  deinit { close(descriptor) }

  /// Writes everything, then hears the other side out.
  func exchange(_ pieces: [[UInt8]]) {
    for piece in pieces where send(descriptor, piece, piece.count, Int32(MSG_NOSIGNAL)) < 0 { break }
    shutdown(descriptor, Int32(SHUT_WR))
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }
}

/// Stands between one client and the server, and writes down what the client says.
private final class Eavesdropper: Sendable {
  let port: Int
  private let listening: Int32
  private let server: Int
  private let said = Mutex<[UInt8]>([])

  init(to server: Int) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let isBound = withLoopbackAddress(port: 0) { bind(listening, $0, $1) == 0 } && listen(listening, 1) == 0
    var address = sockaddr_in()
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listening, $0, &count) == 0 }
    }
    self.listening = listening
    self.server = server
    port = Int(UInt16(bigEndian: address.sin_port))
    try #require(isBound && isNamed)
  }

  deinit { close(listening) }

  var recorded: [UInt8] { said.withLock { $0 } }

  func start() {
    Thread.detachNewThread { [self] in
      let client = accept(listening, nil, nil)
      defer { close(client) }
      guard let onward = RawConnection(port: server) else { return }
      var watched = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: onward.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      var buffer = [UInt8](repeating: 0, count: 16_384)
      while poll(&watched, 2, 10_000) > 0 {
        for (index, other) in [(0, onward.descriptor), (1, client)] where watched[index].revents != 0 {
          let count = recv(watched[index].fd, &buffer, buffer.count, 0)
          guard count > 0 else { return }
          if index == 0 { said.withLock { $0 += buffer.prefix(count) } }
          guard send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
        }
      }
    }
  }
}

private func withLoopbackAddress<Result>(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
