import Foundation

extension String {
  /// The text without surrounding space; nil where nothing is left.
  package var nonBlank: String? {
    let bare = trimmingCharacters(in: .whitespacesAndNewlines)
    return bare.isEmpty ? nil : bare
  }
}
