import Contracts
import GRPCCore
import Tracing

extension Metadata {
  func firstString(_ key: String) -> String? {
    var values = self[stringValues: key].makeIterator()
    return values.next()
  }

  /// How long the caller waits, from `grpc-timeout`: digits and a unit (gRPC over HTTP/2, "Timeout").
  var timeout: Duration? {
    guard let text = firstString("grpc-timeout"), let unit = text.last, let count = Int64(text.dropLast()) else {
      return nil
    }
    switch unit {
    case "H": return .seconds(count * 3600)
    case "M": return .seconds(count * 60)
    case "S": return .seconds(count)
    case "m": return .milliseconds(count)
    case "u": return .microseconds(count)
    case "n": return .nanoseconds(count)
    default: return nil
    }
  }
}

/// Lets a tracer read its own keys out of a call's metadata.
struct MetadataExtractor: Extractor {
  func extract(key: String, from metadata: Metadata) -> String? {
    metadata.firstString(key)
  }
}
