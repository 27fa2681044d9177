/// Where in a trace something happened (W3C Trace Context, level 1, `traceparent`), carried through calls and events.
public struct TraceContext: Hashable, Sendable, LosslessStringConvertible {
  /// 128 bits, not all zero.
  public let traceID: (high: UInt64, low: UInt64)
  /// 64 bits, not zero: the span that caused this.
  public let parentSpanID: UInt64
  /// Bit 0: sampled.
  public let flags: UInt8

  public init(traceID: (high: UInt64, low: UInt64), parentSpanID: UInt64, flags: UInt8) {
    self.traceID = traceID
    self.parentSpanID = parentSpanID
    self.flags = flags
  }

  /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; nil where it is malformed or an id is all zero, as the standard asks.
  public init?(_ traceparent: String) {
    let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
    guard
      parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
      parts[1].utf8.count == 32, parts[2].utf8.count == 16, parts[3].utf8.count == 2,
      parts[1...3].allSatisfy({ $0.utf8.allSatisfy(isLowerHexDigit) }),
      let high = UInt64(parts[1].prefix(16), radix: 16), let low = UInt64(parts[1].suffix(16), radix: 16),
      let span = UInt64(parts[2], radix: 16), let flags = UInt8(parts[3], radix: 16),
      (high | low) != 0, span != 0
    else { return nil }
    self.init(traceID: (high, low), parentSpanID: span, flags: flags)
  }

  /// The `traceparent` header's value.
  public var description: String {
    "00-\(hex(traceID.high))\(hex(traceID.low))-\(hex(parentSpanID))-\(String(hex(UInt64(flags)).suffix(2)))"
  }

  public static func == (one: Self, other: Self) -> Bool {
    one.traceID == other.traceID && one.parentSpanID == other.parentSpanID && one.flags == other.flags
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(traceID.high)
    hasher.combine(traceID.low)
    hasher.combine(parentSpanID)
  }
}

private func isLowerHexDigit(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
}

private func hex(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
