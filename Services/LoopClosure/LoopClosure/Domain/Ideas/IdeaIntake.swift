package import Contracts

/// How new an idea is, and whether it is one that we have already.
package struct IdeaIntake: Sendable {
  package let policy: LoopPolicy

  package init(policy: LoopPolicy) {
    self.policy = policy
  }

  /// An earlier idea or grave that an idea is compared with.
  package struct Candidate<Entity>: Sendable {
    package var id: ID<Entity>
    package var title: String
    package var similarity: Double

    package init(id: ID<Entity>, title: String, similarity: Double) {
      self.id = id
      self.title = title
      self.similarity = similarity
    }
  }

  package enum Placing: Hashable, Sendable {
    case new
    /// Alike enough that a person has to say whether it is the same.
    case similar(to: ID<Idea>)
    /// The same: it joins that idea's cluster.
    case duplicate(of: ID<Idea>)
  }

  /// The nearest first; of equals the earliest, whose id is the smallest.
  package func nearest<Entity>(_ candidates: [Candidate<Entity>]) -> [Candidate<Entity>] {
    candidates.sorted { ($1.similarity, $0.id.rawValue) < ($0.similarity, $1.id.rawValue) }
  }

  package func place(_ candidates: [Candidate<Idea>]) -> (placing: Placing, novelty: Double, nearest: ID<Idea>?) {
    guard let first = nearest(candidates).first else { return (.new, 1, nil) }
    let novelty = 1 - first.similarity
    if first.similarity >= policy.duplicateSimilarity { return (.duplicate(of: first.id), novelty, first.id) }
    if first.similarity >= policy.similarSimilarity { return (.similar(to: first.id), novelty, first.id) }
    return (.new, novelty, first.similarity > 0 ? first.id : nil)
  }

  /// - Throws: `Fault` `titleMissing`, `textMissing` or `tooLong`.
  package func validate(_ request: SubmitIdea) throws(Fault) {
    guard request.title.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "titleMissing", "give the idea a title", field: "title")
    }
    guard request.text.nonBlank != nil else {
      throw Fault(.invalidArgument, reason: "textMissing", "say what to do differently", field: "text")
    }
    guard request.title.utf8.count <= 300, request.text.utf8.count <= 20_000 else {
      throw Fault(
        .invalidArgument,
        reason: "tooLong",
        "a title has at most 300 bytes, a text 20,000",
        field: request.title.utf8.count > 300 ? "title" : "text"
      )
    }
  }
}
