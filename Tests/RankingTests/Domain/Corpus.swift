import Contracts
import TestSupport

@testable import Ranking

/// Made-up feedback of known themes, for tests: every sentence is put together from the words of its theme.
enum Corpus {
  static let themes: [(name: String, openings: [String], endings: [String])] = [
    (
      "luggage", ["My suitcase was lost", "They lost my luggage", "Luggage went missing", "The lost bag is luggage"],
      ["at the carousel", "and nobody traced the bag", "my suitcase never arrived", "the luggage belt stood empty"]
    ),
    (
      "hold",
      ["I was on hold", "Kept on hold by the hotline", "The hotline put me on hold", "On hold with the hotline"],
      ["listening to music", "until the call dropped", "and the call was cut", "then the hotline music stopped"]
    ),
    (
      "invoice",
      ["The invoice is wrong", "Wrong amount on my invoice", "My bill shows a wrong amount", "Invoice amount wrong"],
      ["charged twice", "the bill was charged double", "please correct the bill", "the charge appears twice"]
    ),
    (
      "router", ["The router keeps rebooting", "Router loses wifi", "Wifi drops on the router", "My router reboots"],
      ["every evening", "since the firmware update", "and wifi is gone", "after the firmware"]
    ),
    (
      "technician", ["The technician never came", "Technician missed the appointment", "No technician appeared"],
      [
        "I waited at home", "the appointment was cancelled", "the appointment window passed",
        "waited the whole morning",
      ]
    ),
  ]

  /// That many items, with the index of the theme of each.
  static func items(_ count: Int, seed: UInt64) -> [(theme: Int, text: String)] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let index = Int.random(in: 0..<themes.count, using: &generator)
      return (index, text(of: index, using: &generator))
    }
  }

  static func text(of index: Int, using generator: inout SeededGenerator) -> String {
    let theme = themes[index]
    let opening = theme.openings.randomElement(using: &generator) ?? ""
    let ending = theme.endings.randomElement(using: &generator) ?? ""
    return "\(opening), \(ending)"
  }

  static func vector(_ text: String) -> TermVector { TermVector(Word.words(of: text, language: "en")) }
}
