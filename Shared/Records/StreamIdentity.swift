package import Contracts

/// Whose history it is: a stream, the instance of its service that writes it, and the epoch of that instance's store.
///
/// A store draws its epoch at random when it is made, and again when it is restored from a backup, so that a journal
/// that went back in time is never taken for the one that others have followed.
package struct StreamIdentity: Hashable, Sendable {
  package var stream: StreamName
  package var instance: UInt16
  package var epoch: UInt64

  package init(stream: StreamName, instance: UInt16, epoch: UInt64) {
    self.stream = stream
    self.instance = instance
    self.epoch = epoch
  }
}

extension StreamIdentity: CustomStringConvertible {
  /// `stream/instance/epoch`.
  package var description: String { "\(stream)/\(instance)/\(epoch)" }
}
