import Foundation

/// Something that decodes bytes from outside, and what has to hold whatever they are: nothing crashes, and what decodes
/// encodes to what decodes to the same.
struct FuzzedDecoder: Sendable {
  /// In lower case with hyphens; also the folder of its seeds.
  let name: String
  /// Inputs that our own encoders make.
  var seeds: @Sendable () throws -> [[UInt8]] = { [] }
  /// Decodes `bytes`.
  /// - Returns: whether they were taken; nothing is wrong with refusing them.
  /// - Throws: `Finding`, or whatever an encoder throws at what was decoded.
  let check: @Sendable (_ bytes: [UInt8]) throws -> Bool

  static let all: [FuzzedDecoder] = [
    .callFrames, .conversations, .eventFrames, .journalRequests, .messages, .json, .cloudEvents, .batches, .headers,
    .feedback, .routeInput, .csv, .imports, .dates, .values, .allowLists, .keyFiles, .handshakes,
  ]
}

/// What a decoder did that it mustn't.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// - Throws: `Finding` where `condition` doesn't hold.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Finding) {
  guard condition else { throw Finding(what()) }
}

// MARK: Seeds

extension FuzzedDecoder {
  /// The seeds that the code makes and those beside it, by name: files as they are, but for `.hex` ones, which hold
  /// hexadecimal digits and white space.
  func allSeeds() throws -> [(name: String, bytes: [UInt8])] {
    var seeds = try seeds().enumerated().map { ("made-\($0.offset)", $0.element) }
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(components: "Seeds", name)
    guard FileManager.default.fileExists(atPath: folder.path) else { return seeds }
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(component: file)))
      seeds.append((file, file.hasSuffix(".hex") ? try FuzzedDecoder.bytes(ofHexadecimal: bytes, file) : bytes))
    }
    return seeds
  }

  private static func bytes(ofHexadecimal text: [UInt8], _ file: String) throws(Finding) -> [UInt8] {
    let digits = text.filter { $0 > 0x20 }.map { Character(Unicode.Scalar($0)).hexDigitValue }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard index + 1 < digits.count, let high = digits[index], let low = digits[index + 1] else {
        throw Finding("\(file) is not made of pairs of hexadecimal digits")
      }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
