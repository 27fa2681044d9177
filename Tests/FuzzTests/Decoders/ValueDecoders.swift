import Contracts
import Foundation

@testable import Ingestion
@testable import Messaging
@testable import Records
@testable import ServiceRuntime

extension FuzzedDecoder {
  /// The small texts that stand in metadata, headers, settings and JSON: whatever reads, reads the same when written.
  static let values = FuzzedDecoder(name: "values") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    var isTaken = false
    func check<Value: LosslessStringConvertible & Equatable>(_ type: Value.Type) throws {
      guard let value = Value(text) else { return }
      isTaken = true
      try require(Value(value.description) == value, "\(type): '\(text)' is written '\(value)'")
    }
    try check(Timestamp.self)
    try check(TraceContext.self)
    try check(StreamName.self)
    try check(ChainHash.self)
    try check(StreamPosition.self)
    try check(HostAndPort.self)
    try check(CalendarDay.self)
    if let endpoint = try? Endpoint(text) {
      isTaken = true
      _ = (endpoint.isLocal, endpoint.tcpAddress?.port, endpoint.needsIPv6)
      _ = try? PeerEndpoint.parse("ranking=\(text)")
      _ = Endpoints.neighbour(of: text, offset: 1)
    }
    if let type = MediaType(text) {
      isTaken = true
      _ = (type.isJSON, type.isUTF8)
      try require(MediaType(type.essence)?.essence == type.essence, "'\(type.essence)' is no media type")
    }
    if let duration = GRPCTimeout.duration(text) {
      isTaken = true
      _ = MonotonicInstant.now + duration
      let again = GRPCTimeout.duration(GRPCTimeout.text(duration))
      try require(again != nil, "\(duration) is written '\(GRPCTimeout.text(duration))', which can't be read")
    }
    if LanguageTag.isWellFormed(text) {
      isTaken = true
      _ = LanguageTag.mayBeEnglish(text)
    }
    return isTaken
  }
}
