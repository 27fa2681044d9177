/// An answer, and where in the answering service's journal it stands.
package struct CallReply<Output: Sendable>: Sendable {
  package var output: Output
  /// `stream/instance/epoch/position` of the last record that a command wrote; nil when it wrote none.
  package var position: String?

  package init(_ output: Output, position: String? = nil) {
    self.output = output
    self.position = position
  }
}
