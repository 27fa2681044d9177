import Contracts
import Foundation

/// How far an import got, kept beside the data so that an interrupted import goes on where it was.
///
/// Nothing depends on it being right: rows that were taken twice are recognised by Ingestion as duplicates. It saves
/// the time of sending them again, and keeps the counts of the whole file together.
struct ImportCheckpoint: Codable, Equatable {
  var file: String
  var sizeBytes: Int64
  var modifiedAt: Date
  var programme: String
  var mapping: [String: String]
  var tally = ImportTally()

  private static func url(_ folder: URL, _ file: String) -> URL {
    // FNV-1a keeps long paths out of file names.
    let hash = file.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return folder.appending(component: String(hash, radix: 16) + ".json")
  }

  /// A fresh one for `options`, or the one that an interrupted import of the same unchanged file left behind.
  ///
  /// - Parameter say: is told of one that can't be read; the import begins anew then.
  static func open(
    for options: ImportOptions,
    in folder: URL,
    say: (String) -> Void = complain
  ) throws -> ImportCheckpoint {
    let path = URL(filePath: options.path).standardizedFileURL.path
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let fresh = ImportCheckpoint(
      file: path,
      sizeBytes: attributes[.size] as? Int64 ?? 0,
      modifiedAt: Date(
        timeIntervalSince1970: ((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0).rounded()
      ),
      programme: options.programme.rawValue,
      mapping: Dictionary(uniqueKeysWithValues: options.mapping.columns.map { ($0.key.rawValue, $0.value) })
    )
    let kept = url(folder, path)
    guard FileManager.default.fileExists(atPath: kept.path) else { return fresh }
    do {
      let checkpoint = try JSONDecoder().decode(Self.self, from: Data(contentsOf: kept))
      var comparable = checkpoint
      comparable.tally = ImportTally()
      return comparable == fresh ? checkpoint : fresh
    } catch {
      say(
        "\(kept.path) says how far an earlier import of \(path) came, but can't be read: \(reason(error)); "
          + "beginning with the first row, and rows that were taken then count as duplicates now"
      )
      return fresh
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context): context.debugDescription
    case DecodingError.keyNotFound(let key, _): "it lacks '\(key.stringValue)'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.debugDescription
    default: error.localizedDescription
    }
  }

  func save(in folder: URL) throws {
    // Rows that were refused are kept here, too: customers' words, for the owner's eyes.
    try FileManager.default.createDirectory(
      at: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    try JSONEncoder().encode(self).write(to: Self.url(folder, file), options: .atomic)
  }

  func remove(from folder: URL) throws {
    let url = Self.url(folder, file)
    if FileManager.default.fileExists(atPath: url.path) { try FileManager.default.removeItem(at: url) }
  }
}
