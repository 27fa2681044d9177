/// What was wrong with flags, environment or file: every problem found, one sentence each.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let kind: Kind
  package let problems: [String]

  package enum Kind: Hashable, Sendable {
    /// The command line itself could not be understood.
    case usage
    /// A file or a value could not.
    case value
  }

  package init(_ kind: Kind, _ problems: [String]) {
    self.kind = kind
    self.problems = problems
  }

  package var description: String { problems.joined(separator: "\n") }
}
