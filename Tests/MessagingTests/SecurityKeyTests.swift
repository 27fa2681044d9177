import Contracts
import Foundation
import TestSupport
import Testing

@testable import Messaging

/// Keys, their files and the allow-list, without sockets.
struct SecurityKeyTests {
  @Test func aPairFollowsFromItsSecret() throws {
    let pair = try CurveKeyPair.random()
    #expect(try CurveKeyPair(pair.secretKey) == pair)
    #expect(CurvePublicKey(pair.publicKey.description) == pair.publicKey)
    #expect(CurvePublicKey(bytes: pair.publicKey.bytes) == pair.publicKey)
    #expect(try CurveKeyPair.random() != pair)
  }

  @Test(arguments: ["", "short", String(repeating: "a", count: 41), String(repeating: "\"", count: 40), "ä"])
  func whatIsNoKeyIsNone(_ text: String) {
    #expect(CurvePublicKey(text) == nil)
    #expect(CurveSecretKey(text) == nil)
  }

  @Test func secretsAreNeverShown() throws {
    let pair = try CurveKeyPair.random()
    let secret = pair.secretKey.revealed
    var shown = ""
    dump(pair, to: &shown)
    dump(SocketSecurity.curveClient(pair, server: pair.publicKey), to: &shown)
    dump(SocketSecurity.curveServer(pair.secretKey, domain: .calls), to: &shown)
    shown += "\(pair) \(pair.secretKey) \(String(reflecting: pair)) \([pair.secretKey])"
    #expect(!shown.contains(secret))
    #expect(!shown.contains(pair.secretKey.bytes.map { "\($0)" }.joined(separator: ", ")))
  }

  // MARK: Files

  @Test func filesKeepTheirSecrets() async throws {
    try await withTemporaryDirectory { directory in
      let (publicKey, path) = try KeyFile.create(named: "ranking", in: directory.path(of: "keys"))
      #expect(try KeyFile.readPair(at: path).publicKey == publicKey)
      #expect(try KeyFile.readPublicKey(at: path) == publicKey)
      #expect(try KeyFile.readPublicKey(at: directory.path(of: "keys/ranking.key")) == publicKey)
      #expect(try permissions(path) == 0o600)
      #expect(try permissions(directory.path(of: "keys")) == 0o700)
      let secret = try KeyFile.readPair(at: path).secretKey.revealed
      #expect(!(try String(contentsOfFile: directory.path(of: "keys/ranking.key"), encoding: .utf8)).contains(secret))
      #expect(throws: KeyFileError.self) { try KeyFile.create(named: "ranking", in: directory.path(of: "keys")) }
      #expect(try KeyFile.readPair(at: path).publicKey == publicKey, "nothing is overwritten")
      for name in ["", "../a", ".a", "A", String(repeating: "a", count: 65)] {
        #expect(throws: KeyFileError.self) { try KeyFile.create(named: name, in: directory.path) }
      }
    }
  }

  @Test func aSecretThatOthersCanReadIsRefused() async throws {
    try await withTemporaryDirectory { directory in
      let (_, path) = try KeyFile.create(named: "a", in: directory.path)
      for mode in [0o640, 0o604, 0o660] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: KeyFileError.self) { try KeyFile.readPair(at: path) }
        #expect(error?.description.contains("chmod 600") == true)
      }
      #expect(throws: KeyFileError.self) { try KeyFile.readPair(at: directory.path(of: "missing")) }
      #expect(throws: KeyFileError.self) { try KeyFile.readPair(at: directory.path) }
    }
  }

  @Test func filesOfPyzmqAreUnderstood() async throws {
    try await withTemporaryDirectory { directory in
      let pair = try CurveKeyPair.random()
      let text = """
        #   ****  Generated on 2026-11-25 by pyzmq  ****
        #   ZeroMQ CURVE **Secret** Certificate

        metadata
        curve
            public-key = "\(pair.publicKey)"
            secret-key = "\(pair.secretKey.revealed)"

        """
      let path = directory.path(of: "client.key_secret")
      try Data(text.utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      #expect(try KeyFile.readPair(at: path) == pair)
    }
  }

  private func permissions(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
  }
}

/// The allow-list's file.
struct SecurityAllowListTests {
  private static let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
  private static let other = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

  private func list(_ entries: String) throws -> KeyAllowList {
    try KeyAllowList(json: Array(#"{"keys": [\#(entries)]}"#.utf8))
  }

  @Test func whatIsNotGrantedIsDenied() throws {
    let list = try list(#"{"name": "guest", "publicKeys": ["\#(Self.key)"]}"#)
    let grant = try #require(list.grant(ofKey: Self.key))
    #expect(!grant.mayCall("ingestion.v1", "Publish"))
    #expect(StreamName.all.allSatisfy { !grant.mayRead($0) })
    #expect(grant.programmes == .none && grant.speaksFor == .none)
    #expect(list.grant(ofKey: Self.other) == nil)
    #expect(try KeyAllowList(json: Array("{}".utf8)) == .empty)
  }

  @Test func rightsAreReadAsWritten() throws {
    let list = try list(
      #"""
      {"name": "importer", "publicKeys": ["\#(Self.key)", "\#(Self.other)"], "programmes": ["northwind"],
       "methods": ["ingestion.v1/*", "health.v1/Check"], "speaksFor": ["Ana"], "limits": {"callsPerSecond": 5}},
      {"name": "auditor", "publicKeys": [], "streams": ["*"], "methods": ["*"], "programmes": ["*"]},
      {"name": "ranking", "publicKeys": [], "streams": ["*"]}
      """#
    )
    let grant = try #require(list.grant(ofKey: Self.other))
    #expect(grant == list.grant(ofKey: Self.key))
    #expect(grant.mayCall("ingestion.v1", "Publish") && grant.mayCall("health.v1", "Check"))
    #expect(!grant.mayCall("health.v1", "Watch") && !grant.mayCall("ingestion.v10", "Publish"))
    #expect(grant.programmes == .only(["northwind"]))
    #expect(grant.speaksFor == .only(["Ana"]))
    #expect(grant.limits.callsPerSecond == 5)
    #expect(list.keys(of: "importer").map(\.description) == [Self.key, Self.other])
    #expect(list.grants[1].mayRead(.scores) && list.grants[1].mayCall("a", "b"))
    #expect(!list.grants[2].mayRead(.scores), "an operator can't give scores to Ranking")
    #expect(list.grants[2].mayRead(.ingestion))
  }

  @Test(arguments: [
    (#"{"name": "a", "publicKeys": ["x"]}"#, "40 characters"),
    (#"{"name": "a", "publicKeys": "x"}"#, "must be an array"),
    (#"{"name": "", "publicKeys": []}"#, "keys[0].name"),
    (#"{"name": "a", "stream": []}"#, "keys[0].stream: there is no such member"),
    (#"{"name": "a", "streams": ["A"]}"#, "the name of a stream"),
    (#"{"name": "a", "streams": ["*", "ranking"]}"#, "alone"),
    (#"{"name": "a", "methods": ["Publish"]}"#, "service/Method"),
    (#"{"name": "a", "methods": ["*/Publish"]}"#, "service/Method"),
    (#"{"name": "a", "speaksFor": ["b", "*"]}"#, "keys[0].speaksFor"),
    (#"{"name": "a", "limits": {"calls": 0}}"#, "keys[0].limits.calls"),
    (#"{"name": "a"}, {"name": "a"}"#, "listed twice"),
    (#"{"name": "a", "publicKeys": ["\#(key)"]}, {"name": "b", "publicKeys": ["\#(key)"]}"#, "one owner"),
    (#"{"name": "a", "publicKeys": ["\#(key)", "\#(key)"]}"#, "is listed twice for 'a'"),
    // Foundation's decoder would take the last of two members of one name, and grant what the first one didn't.
    (
      #"{"name": "a", "methods": [], "methods": ["*"]}"#,
      "keys[0].methods: The member 'methods' stands twice in one object, the second time at byte 39."
    ),
    (#"{"name": "a", "n\u0061me": "b"}"#, "keys[0].name: The member 'name' stands twice"),
    (#"{"name": "a", "limits": {"calls": 1, "calls": 9}}"#, "keys[0].limits.calls: The member 'calls' stands twice"),
    (#"{"name": "a"}], "keys": [{"name": "b"}"#, "keys: The member 'keys' stands twice"),
    (#"{"name": "ranking", "streams": ["ingestion.scores"]}"#, "must never read ingestion.scores"),
    (#"{"name": "a", "streams": ["ranking"], "programmes": ["p"]}"#, "a stream holds all programmes"),
    ("1", "must be an object"), ("{", "The JSON has ']' at byte 11 where a member's name in quotes should stand."),
  ])
  func whatIsWrongIsNamed(_ entry: String, _ expected: String) {
    let error = #expect(throws: KeyFileError.self) { try list(entry) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }
}

/// The protocol that libzmq asks by, and the measure of rates.
struct SecurityProtocolTests {
  @Test func requestsAreReadAndAnswered() throws {
    let pair = try CurveKeyPair.random()
    let texts = ["1.0", "7", "events/ingestion.scores", "127.0.0.1", "", "CURVE"]
    let parts = texts.map { Array($0.utf8) } + [pair.publicKey.bytes]
    let request = try #require(ZAPRequest(parts))
    #expect(request.curveKey == pair.publicKey)
    #expect(SocketDomain(request.domain) == .events(.scores))
    #expect(ZAPRequest(parts.dropLast(2)) == nil)
    #expect(ZAPRequest([Array("2.0".utf8)] + parts.dropFirst()) == nil)
    for credentials in [[], [[1, 2, 3]], [pair.publicKey.bytes, pair.publicKey.bytes]] as [[[UInt8]]] {
      #expect(ZAPRequest(parts.dropLast() + credentials)?.curveKey == nil)
    }
    let reply = ZAPReply.admitted(userID: "me").parts(to: request.requestID).map { String(decoding: $0, as: UTF8.self) }
    #expect(reply == ["1.0", "7", "200", "OK", "me", ""])
    #expect(ZAPReply.refused("no").parts(to: [])[2] == Array("400".utf8))
    #expect(ZAPReply.later("wait").parts(to: [])[2] == Array("300".utf8))
  }

  @Test func domainsAreNeverEmpty() {
    for domain in [SocketDomain.calls, .events(.ranking), .events(.scores)] {
      #expect(!domain.text.isEmpty)
      #expect(SocketDomain(domain.text) == domain)
    }
    for text in ["", "call", "events/", "events/A", "global"] { #expect(SocketDomain(text) == nil) }
  }

  @Test func aBucketFillsSteadily() {
    let start = MonotonicInstant(nanoseconds: 1_000_000_000)
    var bucket = TokenBucket(perSecond: 3, now: start)
    func take(_ count: Int, at instant: MonotonicInstant) -> [Bool] { (0..<count).map { _ in bucket.take(instant) } }
    #expect(take(4, at: start) == [true, true, true, false])
    #expect(take(1, at: start + .milliseconds(300)) == [false])
    #expect(take(1, at: start + .milliseconds(400)) == [true])
    #expect(take(1, at: start) == [false], "time that goes backwards gains nothing")
    #expect(take(4, at: start + .seconds(60)) == [true, true, true, false])
  }
}

/// What clients do about handshakes that fail.
struct SecurityAttemptTests {
  private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

  private func make(_ keys: [CurvePublicKey]) throws -> (attempts: HandshakeAttempts, access: AccessControl) {
    let access = AccessControl(try KeyAllowList([KeyGrant(name: "server", publicKeys: keys)]))
    let keyring = Keyring(own: try CurveKeyPair.random(), access: access)
    return (try HandshakeAttempts(.curve(keyring, server: "server")), access)
  }

  @Test func keysTakeTurns() throws {
    let keys = try [CurveKeyPair.random().publicKey, CurveKeyPair.random().publicKey]
    var attempts = try make(keys).attempts
    let first = attempts.applied(to: SocketOptions()).security
    attempts.note(.handshakeFailed, start)
    let isDue1 = attempts.isDue(start)
    #expect(!isDue1)
    let isDue2 = attempts.isDue(start + .seconds(1))
    #expect(isDue2)
    #expect(attempts.applied(to: SocketOptions()).security != first)
    attempts.note(.handshakeFailed, start + .seconds(1))
    let isDue3 = attempts.isDue(start + .seconds(2))
    #expect(isDue3)
    #expect(attempts.applied(to: SocketOptions()).security == first)
  }

  @Test func oneKeyNeedsNoNewSocketUnlessRefused() throws {
    let made = try make([CurveKeyPair.random().publicKey])
    var attempts = made.attempts
    let access = made.access
    attempts.note(.handshakeFailed, start)
    let isDue4 = attempts.isDue(start + .seconds(1))
    #expect(!isDue4, "libzmq tries again by itself")
    attempts.note(.refused, start + .seconds(1))
    let isDue5 = attempts.isDue(start + .seconds(2))
    #expect(isDue5)
    attempts.note(.handshakeFailed, start + .seconds(2))
    access.replace(by: try KeyAllowList([KeyGrant(name: "server", publicKeys: [CurveKeyPair.random().publicKey])]))
    let isDue6 = attempts.isDue(start + .seconds(5))
    #expect(isDue6, "the list names another key now")
    attempts.note(.handshakeFailed, start + .seconds(5))
    access.replace(by: .empty)
    let isDue7 = attempts.isDue(start + .seconds(9))
    #expect(!isDue7, "the key that was known is kept")
  }

  @Test func pausesGrowAndAreBounded() throws {
    var attempts = try make([CurveKeyPair.random().publicKey]).attempts
    var now = start
    var pauses: [Duration] = []
    for _ in 0..<6 {
      attempts.note(.refused, now)
      let next = try #require(attempts.next)
      pauses.append(next - now)
      now = next
      let isDue8 = attempts.isDue(now)
      #expect(isDue8)
    }
    #expect(pauses.first == .milliseconds(200) && pauses.last == .seconds(2))
    attempts.note(.ready, now)
    attempts.note(.refused, now)
    #expect(attempts.next == now + .milliseconds(200))
  }

  @Test func aServerWithoutAKeyIsAnError() {
    #expect(throws: ZeroMQError.self) { try make([]) }
  }
}
