import Contracts
import Foundation

@testable import Messaging

extension FuzzedDecoder {
  /// An allow-list: every key that it lists means the entry that lists it.
  static let allowLists = FuzzedDecoder(name: "allow-list") { bytes in
    guard let list = try? KeyAllowList(json: bytes) else { return false }
    for grant in list.grants {
      for key in grant.publicKeys {
        try require(
          list.grant(ofKey: key.description) == grant,
          "the key \(key) of '\(grant.name)' means another entry"
        )
      }
      _ = StreamName.all.map { grant.mayRead($0) }
      _ = grant.mayCall("ranking.v1", "Teams")
    }
    return true
  }

  /// A key file.
  static let keyFiles = FuzzedDecoder(name: "key-file") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let publicKey = KeyFile.value(of: "public-key", in: text).flatMap(CurvePublicKey.init)
    if let publicKey {
      try require(CurvePublicKey(bytes: publicKey.bytes) == publicKey, "the key \(publicKey) is written in another way")
    }
    let secretKey = KeyFile.value(of: "secret-key", in: text).flatMap(CurveSecretKey.init)
    if let secretKey {
      try require(CurveSecretKey(secretKey.revealed) == secretKey, "a secret key is written in another way")
      try require("\(secretKey)" == "(hidden)", "a secret key shows itself")
    }
    return publicKey != nil || secretKey != nil
  }

  /// What libzmq asks about a handshake: parts, each behind its length of one byte.
  static let handshakes = FuzzedDecoder(
    name: "handshakes",
    seeds: {
      [
        [Array("1.0".utf8), [1, 2], Array("events/ranking".utf8), Array("127.0.0.1".utf8), [9], Array("CURVE".utf8)]
          + [[UInt8](repeating: 7, count: 32)]
      ]
      .map { parts in parts.flatMap { [UInt8($0.count)] + $0 } }
    }
  ) { bytes in
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while let count = rest.popFirst() {
      parts.append(Array(rest.prefix(Int(count))))
      rest = rest.dropFirst(Int(count))
    }
    guard let request = ZAPRequest(parts) else { return false }
    if let domain = SocketDomain(request.domain) {
      try require(domain.text == request.domain, "the domain '\(request.domain)' is written '\(domain.text)'")
    }
    if let key = request.curveKey {
      try require(key.bytes == request.credentials.first, "the key \(key) has other bytes than came")
    }
    return true
  }
}
