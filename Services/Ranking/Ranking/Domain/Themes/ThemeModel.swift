import Foundation

/// All themes of a programme, and the rules by which feedback finds its own.
///
/// One pass, no look back: an item joins the nearest theme when that is near enough, else it begins a candidate;
/// a candidate that was seen often enough becomes an opportunity. Opportunities are never merged here. It is a
/// function of its items in their order alone, so that a replay ends in the same themes.
package struct ThemeModel: Sendable {
  package let configuration: ThemeConfiguration
  package internal(set) var frequencies: TermFrequencies
  var slots: [Theme?] = []
  var freeSlots: [Int32] = []
  var slotOf: [ThemeNumber: Int32] = [:]
  var index = ThemeIndex()
  var candidateCount = 0
  var opportunityCount = 0
  package private(set) var nextNumber: Int
  /// Every item so far, erased ones too: the model's clock.
  package private(set) var clock: Int
  /// Themes that changed, began or ended since `markSaved`.
  package internal(set) var changed: Set<ThemeNumber> = []

  package init(
    configuration: ThemeConfiguration = ThemeConfiguration(),
    frequencies: TermFrequencies = TermFrequencies(),
    themes: [Theme] = [],
    nextNumber: Int = 1,
    clock: Int = 0
  ) {
    self.configuration = configuration
    self.frequencies = frequencies
    self.nextNumber = nextNumber
    self.clock = clock
    for theme in themes { store(theme) }
    changed = []
  }

  /// What became of an item, and of others because of it.
  package struct Placement: Hashable, Sendable {
    /// nil where the text has no word that matters.
    package var theme: ThemeNumber?
    /// Cosine to its theme as that was before; 1 for the first item of a candidate.
    package var similarity: Double = 0
    /// 1 ÷ the item's length: what it went into its theme with, and has to be taken out with.
    package var scale: Float = 0
    package var effects = Effects()
  }

  /// What happens to themes when one of them grows.
  package struct Effects: Hashable, Sendable {
    package var opened: [ThemeNumber] = []
    /// Candidates that turned out to be the same as an opportunity: their items belong there now.
    package var absorbed: [Absorption] = []
    /// Candidates that were given up: their items belong nowhere.
    package var dissolved: [ThemeNumber] = []
    /// Opportunities that take in no more feedback until somebody wakes them.
    package var retired: [ThemeNumber] = []
  }

  package struct Absorption: Hashable, Sendable {
    package let candidate: ThemeNumber
    package let into: ThemeNumber
  }

  package subscript(number: ThemeNumber) -> Theme? { slotOf[number].flatMap { slots[Int($0)] } }

  /// Oldest first.
  package var themes: [Theme] { slots.compactMap { $0 }.sorted { $0.number < $1.number } }

  /// Files an item.
  package mutating func place(_ vector: TermVector) -> Placement {
    clock += 1
    frequencies.add(vector)
    if isReviewDue { reviewLengths() }
    guard !vector.isEmpty else { return Placement() }
    let weighted = weigh(vector)
    var placement = Placement(scale: Float(1 / weighted.length))
    if let near = nearest(to: weighted), near.similarity >= threshold(of: near.theme) {
      placement.theme = near.theme
      placement.similarity = near.similarity
      grow(near.theme, by: vector.entries, scale: placement.scale)
      placement.effects = settle(near.theme)
      if let absorption = placement.effects.absorbed.first { placement.theme = absorption.into }
    } else {
      let theme = begin()
      placement.theme = theme
      placement.similarity = 1
      grow(theme, by: vector.entries, scale: placement.scale)
      placement.effects.dissolved = giveUpWeakest()
    }
    return placement
  }

  /// Puts an item into a theme that a person chose.
  /// - Returns: the scale it went in with; nil where the theme takes in nothing or the text says nothing.
  package mutating func file(_ vector: TermVector, into theme: ThemeNumber) -> Float? {
    guard !vector.isEmpty, slotOf[theme] != nil else { return nil }
    let scale = Float(1 / weigh(vector).length)
    grow(theme, by: vector.entries, scale: scale)
    return scale
  }

  /// Takes an item out of its theme again. A candidate without items ends.
  package mutating func take(_ vector: TermVector, scale: Float, outOf number: ThemeNumber) {
    guard var theme = self[number] else { return }
    theme.items = max(0, theme.items - 1)
    theme.add(vector.entries, scale: -scale)
    theme.length = length(of: theme.terms)
    if theme.items == 0, !theme.isOpportunity { end(number) } else { store(theme) }
  }

  /// Forgets that a text's words were ever counted.
  package mutating func forget(_ vector: TermVector) { frequencies.remove(vector) }

  /// Begins a theme that a person asked for.
  package mutating func beginOpportunity() -> ThemeNumber {
    let number = begin()
    guard var theme = self[number] else { return number }
    theme.isOpportunity = true
    store(theme)
    return number
  }

  package mutating func markSaved() {
    changed = []
    frequencies.markSaved()
  }

  private mutating func begin() -> ThemeNumber {
    let number = ThemeNumber(nextNumber)
    nextNumber += 1
    store(Theme(number: number, lastItem: clock))
    return number
  }

  private mutating func grow(_ number: ThemeNumber, by entries: [TermVector.Entry], scale: Float) {
    guard var theme = self[number] else { return }
    theme.items += 1
    theme.lastItem = clock
    theme.add(entries, scale: scale)
    cut(&theme.terms)
    theme.length = length(of: theme.terms)
    store(theme)
  }
}
