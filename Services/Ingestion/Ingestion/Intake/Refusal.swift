package import Contracts

/// Why an event is not taken, and whose mistake that is.
package struct Refusal: Error, Sendable {
  package enum Kind: Sendable {
    /// It is not a CloudEvent.
    case malformed
    /// It is one, but not one that can be taken.
    case unacceptable
  }

  package var kind: Kind
  package var fault: Fault
}
