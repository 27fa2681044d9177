import Foundation

/// The bytes of a file to import, in chunks: plain, gzip-compressed (`.gz`), or standard input (`-`).
struct ImportFile {
  let path: String
  var isStandardInput: Bool { path == "-" }

  /// Hands the file's bytes to `body`, a chunk at a time, in order, until the end or until `body` returns false.
  ///
  /// - Throws: `ImportError` where the file can't be opened, read or unpacked, and what `body` throws.
  func read(_ body: (_ chunk: Data) async throws -> Bool) async throws {
    if path.hasSuffix(".gz") {
      try await readCompressed(body)
    } else {
      try await readPlain(isStandardInput ? .standardInput : opened(), body)
    }
  }

  private func opened() throws -> FileHandle {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      let reason = FileManager.default.fileExists(atPath: path) ? "may not be read by this user" : "isn't there"
      throw ImportError("the file \(path) \(reason)")
    }
    return handle
  }

  private func readPlain(_ handle: FileHandle, _ body: (Data) async throws -> Bool) async throws {
    while let chunk = try handle.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
      guard try await body(chunk) else { return }
    }
  }

  /// Debian's gzip unpacks, through a pipe: nothing is held in memory, and a damaged file is told by its exit code.
  private func readCompressed(_ body: (Data) async throws -> Bool) async throws {
    let compressed = try opened()
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc"]
    let output = Pipe()
    let errors = Pipe()
    gzip.standardInput = compressed
    gzip.standardOutput = output
    gzip.standardError = errors
    try gzip.run()
    var wantsMore = true
    do {
      while wantsMore, let chunk = try output.fileHandleForReading.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
        wantsMore = try await body(chunk)
      }
    } catch {
      gzip.terminate()
      gzip.waitUntilExit()
      throw error
    }
    guard wantsMore else { return gzip.terminate() }
    gzip.waitUntilExit()
    guard gzip.terminationStatus == 0 else {
      let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      throw ImportError("\(path) can't be unpacked: \(said.trimmingCharacters(in: .whitespacesAndNewlines))")
    }
  }

  private static let chunkBytes = 256 << 10
}

/// Why an import as a whole can't be done, in a sentence for the person who asked for it.
struct ImportError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
