import Foundation

/// Makes a process the only supervisor of a data directory, until it ends, however it ends.
///
/// The lock is fcntl(2)'s on the file with the process id, so anyone can ask who holds it without taking it. The file
/// stays behind: removing it could take the lock from under somebody who has just opened it.
enum SupervisorLock {
  /// Takes the lock for the rest of this process' life.
  /// - Returns: false where another process has it.
  /// - Throws: where the file can't be written.
  static func take(_ path: String) throws -> Bool {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: path]) }
    var wanted = whole(F_WRLCK)
    guard fcntl(descriptor, F_SETLK, &wanted) == 0 else {
      close(descriptor)
      return false
    }
    // For people; programs ask the lock. The descriptor stays open on purpose: closing it would end the lock.
    let identity = "\(getpid())\n"
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, identity, identity.utf8.count, 0) }
    return true
  }

  /// The process that has the lock; nil where none has.
  static func holder(of path: String) -> pid_t? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var question = whole(F_WRLCK)
    guard fcntl(descriptor, F_GETLK, &question) == 0, question.l_type != Int16(F_UNLCK) else { return nil }
    // fcntl(2) says 0 or -1 where the holder has no id here, being in another namespace. To kill(2) those mean "all".
    return question.l_pid > 0 ? question.l_pid : nil
  }

  private static func whole(_ type: Int32) -> flock {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }
}
