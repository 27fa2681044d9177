import Foundation

/// Key pairs on disk, in the certificate format of czmq and pyzmq (`zmq.auth`), so that clients in other languages can
/// load them: `NAME.key` holds the public key, `NAME.key_secret` both.
package enum KeyFile {
  /// Makes a pair and writes both files into `directory`, which is made where it is missing (0700).
  /// - Returns: the public key, and where the secret one is.
  /// - Throws: `KeyFileError`; a file that is there already is never overwritten.
  package static func create(
    named name: String,
    in directory: String
  ) throws -> (publicKey: CurvePublicKey, secretPath: String) {
    let isPlain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
    guard (1...64).contains(name.utf8.count), isPlain, !name.hasPrefix(".") else {
      throw KeyFileError("'\(name)' can't name a key: 1 to 64 of a-z, 0-9, '-', '_' and '.', not beginning with '.'")
    }
    do {
      try FileManager.default.createDirectory(
        atPath: directory,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw KeyFileError("the directory \(directory) can't be made (\(error.localizedDescription))")
    }
    let pair = try CurveKeyPair.random()
    let secretPath = "\(directory)/\(name).key_secret"
    let heading = "# CURVE keys of a Groundswell program.\nmetadata\n    name = \"\(name)\"\ncurve\n"
    let publicLine = "    public-key = \"\(pair.publicKey)\"\n"
    let secretLine = "    secret-key = \"\(pair.secretKey.revealed)\"\n"
    try write(
      "# SECRET: whoever can read this file is \(name).\n" + heading + publicLine + secretLine,
      to: secretPath,
      0o600
    )
    try write(heading + publicLine, to: "\(directory)/\(name).key", 0o644)
    return (pair.publicKey, secretPath)
  }

  /// Reads the pair of a secret key's file.
  /// - Throws: `KeyFileError` where it can't be read, holds no secret key, or may be read by others than its owner.
  package static func readPair(at path: String) throws -> CurveKeyPair {
    let text = try read(path, isSecret: true)
    guard let secretKey = value(of: "secret-key", in: text).flatMap(CurveSecretKey.init) else {
      throw KeyFileError("\(path) holds no secret-key of 40 characters; groundswell keys new makes such files")
    }
    return try CurveKeyPair(secretKey)
  }

  /// Reads the public key of either file.
  /// - Throws: `KeyFileError`.
  package static func readPublicKey(at path: String) throws -> CurvePublicKey {
    let text = try read(path, isSecret: false)
    guard let key = value(of: "public-key", in: text).flatMap(CurvePublicKey.init) else {
      throw KeyFileError("\(path) holds no public-key of 40 characters")
    }
    return key
  }

  private static func write(_ text: String, to path: String, _ mode: mode_t) throws(KeyFileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      let why = errno == EEXIST ? "it is there already; choose another name or remove it" : systemError(errno)
      throw KeyFileError("\(path) can't be made: \(why)")
    }
    let bytes = Array(text.utf8)
    let count = Foundation.write(descriptor, bytes, bytes.count)
    let isOnDisk = count == bytes.count && fsync(descriptor) == 0
    let failure = errno
    close(descriptor)
    guard isOnDisk else {
      unlink(path)
      throw KeyFileError("\(path) can't be written: \(systemError(failure))")
    }
  }

  /// Key files are small; what is larger is none.
  private static let mostBytes = 4096

  private static func read(_ path: String, isSecret: Bool) throws(KeyFileError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw KeyFileError("\(path) can't be opened: \(systemError(errno))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw KeyFileError("\(path) is no ordinary file")
    }
    if isSecret, status.st_mode & 0o077 != 0 {
      throw KeyFileError("\(path) may be used by others than its owner, so it is not secret: chmod 600 it")
    }
    var bytes = [UInt8](repeating: 0, count: mostBytes)
    let count = Foundation.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw KeyFileError("\(path) can't be read: \(systemError(errno))") }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  /// What stands behind `name =`, without its quotes. Z85 has `#` and `=`, so only whole lines can be comments.
  static func value(of name: String, in text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, parts[0] == name else { continue }
      return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }
    return nil
  }

  private static func systemError(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// Why a key file or an allow-list can't be used; never says what a secret is.
package struct KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
