import Foundation

/// The rows that were not imported, as CSV that can be mended and imported again: the file's own columns, then the
/// line, the reason, and the row's text where it could not be taken apart.
struct RejectsFile {
  let path: String
  let columns: [String]
  private var handle: FileHandle?

  /// - Parameter appends: go on with the file of an interrupted import.
  init(path: String, columns: [String], appends: Bool) throws {
    self.path = path
    self.columns = columns
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(),
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    if !appends, FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
  }

  /// Writes one row; the file is made with the first.
  mutating func write(_ row: ImportRow, _ problem: ImportProblem) throws {
    let handle = try self.handle ?? open()
    self.handle = handle
    let isWhole = row.values.count == columns.count
    let values = isWhole ? row.values : columns.map { _ in "" }
    let text = isWhole ? "" : String(decoding: row.raw, as: UTF8.self)
    try handle.write(
      contentsOf: Data(Self.line(values + [String(row.line), problem.reason, problem.message, text]).utf8)
    )
  }

  private func open() throws -> FileHandle {
    let isNew = !FileManager.default.fileExists(atPath: path)
    if isNew {
      let header = Self.line(columns + ["rejectedLine", "rejectedReason", "rejectedMessage", "rejectedText"])
      guard FileManager.default.createFile(atPath: path, contents: Data(header.utf8)) else {
        throw ImportError("the rejects file \(path) can't be made; give another place with --rejects")
      }
    }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw ImportError("the rejects file \(path) can't be written; give another place with --rejects")
    }
    try handle.seekToEnd()
    return handle
  }

  static func line(_ fields: [String]) -> String {
    fields.map { field in
      field.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D })
        ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",") + "\r\n"
  }
}
