import Foundation

/// How alike two short texts are: the cosine of their character-trigram counts, 0 to 1.
///
/// Case, accents, punctuation and spacing don't matter; word order matters little; a typing mistake touches three
/// trigrams. It needs no language model and gives the same figure for ever.
package struct TextFingerprint: Hashable, Sendable {
  /// Counts by trigram; a trigram is three Unicode scalars, 21 bits each.
  package let trigrams: [UInt64: Int]
  package let words: Set<String>
  private let length: Double

  package init(_ text: String) {
    let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    let parts = folded.split { !$0.isLetter && !$0.isNumber }
    words = Set(parts.map(String.init))
    var counts: [UInt64: Int] = [:]
    if !parts.isEmpty {
      // A space at either end makes trigrams that mark where words begin and end.
      let scalars = " \(parts.joined(separator: " ")) ".unicodeScalars.map { UInt64($0.value) }
      for at in 0..<(scalars.count - 2) {
        counts[scalars[at] << 42 | scalars[at + 1] << 21 | scalars[at + 2], default: 0] += 1
      }
    }
    trigrams = counts
    length = Double(counts.values.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  /// The cosine, 0 to 1; 0 where either has no letters or digits.
  package func similarity(to other: TextFingerprint) -> Double {
    guard length > 0, other.length > 0 else { return 0 }
    let (small, large) = trigrams.count <= other.trigrams.count ? (self, other) : (other, self)
    let product = small.trigrams.reduce(0) { $0 + $1.value * (large.trigrams[$1.key] ?? 0) }
    return min(1, Double(product) / (length * other.length))
  }

  /// Terms under which the text is found again without comparing it with every other: its words, and sketches.
  ///
  /// A sketch is a pair of min-hashes of the trigram set (Broder 1997): two texts share one with a probability of
  /// their Jaccard similarity squared. Of 24, near duplicates (cosine ≥ 0.6, Jaccard ≈ 0.43) miss all with
  /// probability 0.7 %, and mostly share words besides.
  package var searchTerms: [String] {
    guard !trigrams.isEmpty else { return [] }
    let sketches = (0..<TextFingerprint.sketchCount).map { number in
      let pair = (0..<2).map { half in
        trigrams.keys.reduce(UInt64.max) { least, trigram in
          min(least, TextFingerprint.mix(trigram &+ UInt64(2 * number + half) &* 0x9E37_79B9_7F4A_7C15))
        }
      }
      return "#\(number):" + String(TextFingerprint.mix(pair[0] ^ (pair[1] &* 31)), radix: 36)
    }
    return Array(words.sorted().prefix(TextFingerprint.mostWords)) + sketches
  }

  private static let sketchCount = 24
  private static let mostWords = 64

  /// SplitMix64's finaliser (Steele, Lea and Flood 2014): a fixed hash, the same in every process.
  private static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
