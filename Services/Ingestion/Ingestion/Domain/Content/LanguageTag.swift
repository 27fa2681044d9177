import Contracts

/// The shape of a BCP 47 language tag (RFC 5646): subtags of 1 to 8 letters and digits, the first of letters only.
enum LanguageTag {
  static func read(_ name: String, from fields: FieldReader) throws(Fault) -> String? {
    guard let text = try fields.text(name, limit: SubmissionLimits.reference), !text.isEmpty else { return nil }
    // Many systems write `en_GB`, as POSIX locales do.
    let tag = text.replacing("_", with: "-")
    guard isWellFormed(tag) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidLanguage",
        "'\(text.prefix(40))' is not a BCP 47 language tag such as 'en' or 'pt-BR'.",
        field: name
      )
    }
    return tag
  }

  static func isWellFormed(_ tag: String) -> Bool {
    let subtags = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard tag.utf8.count <= 35, let first = subtags.first, (2...8).contains(first.count), first.allSatisfy(isLetter)
    else { return false }
    return subtags.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy { isLetter($0) || isDigit($0) } }
  }

  /// Whether the words of a text so tagged are worth comparing with English ones: English, or not known.
  static func mayBeEnglish(_ tag: String) -> Bool {
    let primary = tag.prefix { $0 != "-" }.lowercased()
    return primary == "en" || primary == "und"
  }
}
