package import Contracts
import Foundation
import GRPCCore

/// How one call is made, apart from what it asks.
package struct CallSettings: Sendable {
  /// How long the caller is going to wait, retries included; nil for ever.
  package var timeout: Duration?
  /// Whether to wait for a service that isn't there (up to `timeout`) instead of failing with UNAVAILABLE.
  package var waitsForReady = false
  /// The id under which a command is done at most once; without one, each call gets its own.
  package var requestID: ID<Request>?
  /// On whose behalf; nil for the client's own.
  package var principal: Principal?
  package var trace: TraceContext?
  /// `stream/instance/epoch/position` each: answer only once the service has applied that much.
  package var after: [String] = []
  /// Whether UNAVAILABLE is tried again, up to five attempts with exponential backoff and jitter. Queries change
  /// nothing and commands are done once per request id, so both can be.
  package var retries = true
  /// What the service may send of a feed before more is asked for; nil for what the transport allows. Who reads much
  /// from afar asks for more than a window's half in a round trip, and holds as much.
  package var window: StreamCredit?

  package init(timeout: Duration? = .seconds(10)) {
    self.timeout = timeout
  }

  /// For streams that last as long as both sides like.
  package static let endless = CallSettings(timeout: nil)

  /// Before the second attempt, which `CallClient` makes: up to 50 ms, by chance.
  static var firstBackoff: Duration { .microseconds(.random(in: 0...50_000)) }

  /// The attempts after the first. Where there has been trouble, calls begin with these: four in all then.
  private static let retryPolicy = RPCExecutionPolicy.retry(
    RetryPolicy(
      maxAttempts: 4,
      initialBackoff: .milliseconds(50),
      maxBackoff: .seconds(2),
      backoffMultiplier: 3,
      retryableStatusCodes: [.unavailable]
    )
  )

  func options(mayRetry: Bool) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    options.waitForReady = waitsForReady
    if mayRetry, retries { options.executionPolicy = CallSettings.retryPolicy }
    return options
  }

  /// What is left of the call's time; what has run out is a nanosecond, because zero would mean no bound.
  func elapsed(_ span: Duration) -> CallSettings {
    var rest = self
    rest.timeout = timeout.map { max($0 - span, .nanoseconds(1)) }
    return rest
  }

  /// - Throws: `Fault` INVALID_ARGUMENT when the principal can't be written.
  func metadata(principal ownPrincipal: EncodedPrincipal, isCommand: Bool) throws -> Metadata {
    var metadata = Metadata()
    let principal = try principal.map(EncodedPrincipal.init) ?? ownPrincipal
    metadata.addString(principal.json, forKey: MetadataKey.principal)
    if let requestID {
      metadata.addString(requestID.rawValue, forKey: MetadataKey.requestID)
    } else if isCommand {
      metadata.addString(UUID().uuidString.lowercased(), forKey: MetadataKey.requestID)
    }
    if let trace { metadata.addString(trace.description, forKey: MetadataKey.traceparent) }
    for position in after { metadata.addString(position, forKey: MetadataKey.after) }
    return metadata
  }
}

/// A principal as metadata carries it; a client's own is encoded once.
struct EncodedPrincipal: Sendable {
  let json: String

  init(_ principal: Principal) throws {
    json = String(decoding: try messageEncoder.encode(principal), as: UTF8.self)
  }
}
