package import Contracts

/// An event as it came in at one of the doors.
package enum ArrivedEvent: Sendable {
  /// In the JSON event format; with its bytes where they are at hand.
  case json(JSONValue, bytes: [UInt8]?)
  /// In another form, already read.
  case event(CloudEvent)
}
