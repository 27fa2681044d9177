import Contracts
package import Records

/// A place in a stream's history as calls name it, `stream/instance/epoch/position`: what a command wrote last, and
/// what a reader wants to see applied first.
package struct StreamPosition: Hashable, Sendable, LosslessStringConvertible {
  package let identity: StreamIdentity
  package let position: UInt64

  package init(_ identity: StreamIdentity, _ position: UInt64) {
    self.identity = identity
    self.position = position
  }

  package init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, let stream = StreamName(String(parts[0])), let instance = UInt16(parts[1]),
      let epoch = UInt64(parts[2]), let position = UInt64(parts[3])
    else { return nil }
    self.init(StreamIdentity(stream: stream, instance: instance, epoch: epoch), position)
  }

  package var description: String { "\(identity)/\(position)" }
}
