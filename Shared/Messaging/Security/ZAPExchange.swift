/// A request of the ZeroMQ Authentication Protocol (RFC 27), as libzmq sends one for each handshake.
struct ZAPRequest: Equatable {
  static let version = Array("1.0".utf8)

  let requestID: [UInt8]
  let domain: String
  /// The peer's IP address; empty where the transport has none.
  let address: String
  let mechanism: String
  /// For CURVE: the client's public key, 32 bytes.
  let credentials: [[UInt8]]

  /// - Parameter parts: version, request id, domain, address, routing id, mechanism, credentials.
  /// - Returns: nil for what is no request of version 1.0.
  init?(_ parts: some Collection<[UInt8]>) {
    let parts = Array(parts)
    guard parts.count >= 6, parts[0] == ZAPRequest.version else { return nil }
    requestID = parts[1]
    domain = String(decoding: parts[2], as: UTF8.self)
    address = String(decoding: parts[3], as: UTF8.self)
    mechanism = String(decoding: parts[5], as: UTF8.self)
    credentials = Array(parts[6...])
  }

  /// The key that the client has proved to hold; nil for any other mechanism.
  var curveKey: CurvePublicKey? {
    guard mechanism == "CURVE", credentials.count == 1 else { return nil }
    return CurvePublicKey(bytes: credentials[0])
  }
}

/// The answer to a handshake.
enum ZAPReply: Equatable {
  /// Admitted. Messages of the connection carry `userID` from now on.
  case admitted(userID: String)
  /// Refused for good: the client is told so.
  case refused(String)
  /// Refused for now: the client is disconnected and tries again.
  case later(String)

  /// Version, request id, status code, status text, user id, metadata.
  func parts(to requestID: [UInt8]) -> [[UInt8]] {
    let (code, text, userID) =
      switch self {
      case .admitted(let userID): ("200", "OK", userID)
      case .refused(let why): ("400", why, "")
      case .later(let why): ("300", why, "")
      }
    return [ZAPRequest.version, requestID, Array(code.utf8), Array(text.utf8), Array(userID.utf8), []]
  }
}
