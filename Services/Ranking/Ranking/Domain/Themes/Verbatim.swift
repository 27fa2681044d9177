package import Contracts

/// A piece of feedback, as a theme is named and quoted from it.
package struct Verbatim: Hashable, Sendable {
  package let feedback: ID<Feedback>
  package let customer: ID<Customer>?
  package let words: [Word]
  package let vector: TermVector
  /// How much it hurts, 0 to 1.
  package let severity: Double

  package init(feedback: ID<Feedback>, customer: ID<Customer>?, words: [Word], severity: Double) {
    self.feedback = feedback
    self.customer = customer
    self.words = words
    self.severity = severity
    vector = TermVector(words)
  }

  /// How much it has to say about what an opportunity is: all of them something, those that hurt most.
  var voice: Double { 0.05 + severity }
}
