import Contracts
import Foundation

/// What has become of the rows so far. Every row ends in exactly one of the three.
struct ImportTally: Codable, Equatable {
  var imported = 0
  var duplicates = 0
  var rejected = 0

  var settled: Int { imported + duplicates + rejected }
}

/// The last line of an import: every row accounted for.
struct ImportSummary: Codable, Equatable {
  var rows: Int
  var imported: Int
  var duplicates: Int
  var rejected: Int
  /// Where the rejected rows and their reasons are; nil where there are none.
  var rejectsFile: String?
  var seconds: Double
}

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
  static func open(for options: ImportOptions, in folder: URL) throws -> ImportCheckpoint {
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
    guard let data = FileManager.default.contents(atPath: url(folder, path).path),
      let kept = try? JSONDecoder().decode(Self.self, from: data)
    else { return fresh }
    var comparable = kept
    comparable.tally = ImportTally()
    return comparable == fresh ? kept : fresh
  }

  func save(in folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try JSONEncoder().encode(self).write(to: Self.url(folder, file), options: .atomic)
  }

  func remove(from folder: URL) throws {
    let url = Self.url(folder, file)
    if FileManager.default.fileExists(atPath: url.path) { try FileManager.default.removeItem(at: url) }
  }
}
