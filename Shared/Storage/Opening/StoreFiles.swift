import Foundation

/// Files on disk, made so that nobody but the service's user can read them.
enum StoreFiles {
  /// Makes the directory of `path` (0700) where it is missing. One that is there is left as it is, unless everybody may
  /// put files in the place of others' there: then nothing in it can be trusted.
  static func makeDirectory(of path: String) throws(StoreError) {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: directory,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw StoreError(
        .permissionDenied,
        "the directory \(directory.path) can't be made (\(error.localizedDescription))"
      )
    }
    var status = stat()
    let isFound = stat(directory.path, &status) == 0
    let isOpenToAll = status.st_mode & 0o002 != 0 && status.st_mode & 0o1000 == 0
    guard isFound, !isOpenToAll else {
      throw StoreError(
        .permissionDenied,
        "everybody may replace files in \(directory.path): chmod 700 it, or choose another directory"
      )
    }
  }

  /// Makes an empty file (0600) where there is none; SQLite gives its other files the same permissions. Where an older
  /// file, or one that was copied here, may be read by others, that is mended.
  static func makeFile(at path: String) throws(StoreError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code: StoreError.Code = errno == ENOSPC ? .diskFull : .permissionDenied
      throw StoreError(code, "\(path) can't be opened (\(String(cString: strerror(errno))))")
    }
    close(descriptor)
    for file in [path, "\(path)-wal", "\(path)-shm", "\(path).lock"] { try protect(file) }
  }

  private static func protect(_ path: String) throws(StoreError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
    guard chmod(path, 0o600) == 0 else {
      throw StoreError(
        .permissionDenied,
        "\(path) can be read by others and that can't be changed (\(String(cString: strerror(errno)))): "
          + "let the service's user own it"
      )
    }
  }

  /// Puts a finished file in its place, so that it survives a power cut: its bytes first, then its name.
  static func publish(_ partial: String, as path: String) throws(StoreError) {
    guard chmod(partial, 0o600) == 0 else {
      throw StoreError(.permissionDenied, "\(partial) can't be protected (\(String(cString: strerror(errno))))")
    }
    try synchronize(partial)
    guard link(partial, path) == 0 else {
      let code: StoreError.Code = errno == EEXIST ? .fileExists : .permissionDenied
      throw StoreError(code, "\(path) can't be made (\(String(cString: strerror(errno)))): choose another name")
    }
    unlink(partial)
    try synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// Removes a database that was never finished, with what SQLite keeps beside it.
  static func remove(_ partial: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(partial + suffix) }
  }

  /// Gives a file of the same directory another name, so that it survives a power cut.
  static func rename(_ old: String, to new: String) throws(StoreError) {
    guard Foundation.rename(old, new) == 0 else {
      throw StoreError(.permissionDenied, "\(old) can't be renamed to \(new) (\(String(cString: strerror(errno))))")
    }
    try synchronize(URL(fileURLWithPath: new).deletingLastPathComponent().path)
  }

  private static func synchronize(_ path: String) throws(StoreError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw StoreError(.failed, "\(path) can't be written to disk (\(String(cString: strerror(errno))))")
    }
  }
}
