/// How themes are found. Changing it changes what later feedback joins, never what has been filed.
package struct ThemeConfiguration: Hashable, Sendable {
  /// Cosine similarity from which feedback joins its nearest theme.
  package var joinThreshold: Double = 0.23
  /// Items from which a candidate is an opportunity.
  package var itemsToOpen: Int = 6
  /// Candidates kept at a time; above it the weakest stale ones are given up.
  package var maximumCandidates: Int = 3000
  /// Opportunities that take in feedback at a time; above it the one that has been silent longest is retired.
  package var maximumOpportunities: Int = 600
  /// Terms that describe a theme. Up to twice as many are carried before the lightest are cut.
  package var termsPerTheme: Int = 64
  /// Terms of one text that are compared; the heaviest where it has more.
  package var termsPerItem: Int = 48
  /// Terms whose frequency is known; above it those that were seen once are forgotten.
  package var maximumTerms: Int = 200_000
  /// From this share of all items on, a theme takes in only what is nearer and nearer: naive growth ends in one
  /// theme that has eaten everything.
  package var crowdedShare: Double = 0.03
  /// How much the threshold rises per share above `crowdedShare`.
  package var crowdingSlope: Double = 3
  /// Cosine from which a candidate that would open is the same as an opportunity that is open.
  package var sameThreshold: Double = 0.8

  package init() {}
}
