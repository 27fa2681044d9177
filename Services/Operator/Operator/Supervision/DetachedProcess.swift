import Foundation

/// A program in a session of its own, which outlives this process and its terminal.
///
/// Foundation's `Process` can't begin a session, and a program in between that does would hide the process id by which
/// the supervisor's lock tells who holds it.
struct DetachedProcess {
  let identifier: pid_t

  /// POSIX_SPAWN_SETSID, which <spawn.h> of glibc and musl shows to C programs only that ask for GNU's additions.
  private static let setSession: Int32 = 0x80

  /// - Parameter output: where it writes, at the end; made where it isn't there.
  /// - Throws: `POSIXError` where the program can't be run, or the output can't be written.
  init(running program: URL, _ arguments: [String], output: URL) throws(POSIXError) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    // It keeps nothing that this process was started with, such as the pipe of whoever waits for its end; where there is
    // no /proc to tell, it does.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
      if let descriptor = Int32(name), descriptor > STDERR_FILENO {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
    }
    // Signals that this process ignores or blocks, because it waits for them in another way, mean to the new one what
    // they mean to any.
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes,
      Int16(Self.setSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
    )
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    var identifier: pid_t = 0
    let failure = Self.withCStrings([program.path] + arguments) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&identifier, program.path, &actions, &attributes, arguments, environment)
      }
    }
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
    self.identifier = identifier
  }

  /// Whether it has ended, however it did. Once this has said so, its id may be another process'.
  func hasEnded() -> Bool {
    var status: Int32 = 0
    return waitpid(identifier, &status, WNOHANG) == identifier
  }

  private static func withCStrings(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32) -> Int32 {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
