/// An answer, and where in the answering service's journal it stands.
package struct CallReply<Output: Sendable>: Sendable {
  package var output: Output
  /// `stream/instance/epoch/position` of the last record that a command wrote, one for each stream.
  package var positions: [String]

  package init(_ output: Output, positions: [String] = []) {
    self.output = output
    self.positions = positions
  }
}
