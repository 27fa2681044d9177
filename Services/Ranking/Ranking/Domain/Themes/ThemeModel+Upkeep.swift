extension ThemeModel {
  /// Keeps a theme, new or changed, and the index in step with it.
  mutating func store(_ theme: Theme) {
    changed.insert(theme.number)
    if let slot = slotOf[theme.number] {
      if let old = slots[Int(slot)] {
        index.update(slot: slot, from: old.terms, to: theme.terms)
        count(old, by: -1)
      }
      slots[Int(slot)] = theme
    } else {
      let slot = freeSlots.popLast() ?? Int32(slots.count)
      if Int(slot) == slots.count { slots.append(nil) }
      index.reserve(slots: slots.count)
      slotOf[theme.number] = slot
      slots[Int(slot)] = theme
      index.update(slot: slot, from: [], to: theme.terms)
    }
    count(theme, by: 1)
  }

  /// Ends a theme: it takes in nothing from here on.
  package mutating func end(_ number: ThemeNumber) {
    guard let slot = slotOf.removeValue(forKey: number), let theme = slots[Int(slot)] else { return }
    index.update(slot: slot, from: theme.terms, to: [])
    count(theme, by: -1)
    slots[Int(slot)] = nil
    freeSlots.append(slot)
    changed.insert(number)
  }

  /// Takes back a theme that had ended: a retired one that somebody woke, or an absorbed one whose merge was undone.
  package mutating func wake(_ theme: Theme) {
    var theme = theme
    theme.lastItem = clock
    theme.length = length(of: theme.terms)
    store(theme)
  }

  /// A protected opportunity is never retired.
  package mutating func protect(_ number: ThemeNumber, _ isProtected: Bool) {
    guard var theme = self[number] else { return }
    theme.isProtected = isProtected
    store(theme)
  }

  /// Adds all of one theme to another, and ends it.
  package mutating func merge(_ absorbed: ThemeNumber, into number: ThemeNumber) {
    guard let other = self[absorbed], var theme = self[number] else { return }
    end(absorbed)
    theme.items += other.items
    theme.lastItem = max(theme.lastItem, other.lastItem)
    theme.add(other.terms, scale: 1)
    cut(&theme.terms)
    theme.length = length(of: theme.terms)
    store(theme)
  }

  /// Takes one theme out of another that had absorbed it.
  package mutating func unmerge(_ part: Theme, outOf number: ThemeNumber) {
    if var theme = self[number] {
      theme.items = max(0, theme.items - part.items)
      theme.add(part.terms, scale: -1)
      theme.length = length(of: theme.terms)
      store(theme)
    }
    wake(part)
  }

  /// Opens a candidate that has been seen often enough, unless there is an opportunity just like it.
  mutating func settle(_ number: ThemeNumber) -> Effects {
    var effects = Effects()
    guard var theme = self[number], !theme.isOpportunity, theme.items >= configuration.itemsToOpen else {
      return effects
    }
    if let same = nearest(to: weigh(TermVector(entries: theme.terms)), where: { $0.isOpportunity }),
      same.similarity >= configuration.sameThreshold
    {
      merge(number, into: same.theme)
      effects.absorbed.append(Absorption(candidate: number, into: same.theme))
      return effects
    }
    theme.isOpportunity = true
    store(theme)
    effects.opened.append(number)
    if opportunityCount > configuration.maximumOpportunities, let silent = longestSilent(except: number) {
      end(silent)
      effects.retired.append(silent)
    }
    return effects
  }

  /// Makes room for candidates: gives up a tenth of them, those with the fewest items and of these the oldest.
  mutating func giveUpWeakest() -> [ThemeNumber] {
    guard candidateCount > configuration.maximumCandidates else { return [] }
    let weakest = slots.compactMap { $0 }.filter { !$0.isOpportunity }
      .sorted { ($0.items, $0.lastItem, $0.number) < ($1.items, $1.lastItem, $1.number) }
      .prefix(max(1, configuration.maximumCandidates / 10))
    for theme in weakest { end(theme.number) }
    return weakest.map(\.number)
  }

  private func longestSilent(except number: ThemeNumber) -> ThemeNumber? {
    slots.compactMap { $0 }.filter { $0.isOpportunity && !$0.isProtected && $0.number != number }
      .min { ($0.lastItem, $0.number) < ($1.lastItem, $1.number) }?.number
  }

  private mutating func count(_ theme: Theme, by change: Int) {
    if theme.isOpportunity { opportunityCount += change } else { candidateCount += change }
  }
}
