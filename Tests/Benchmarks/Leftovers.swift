import Dispatch
import Foundation
import Synchronization

/// What must not outlive this process when a signal ends it early: processes and directories.
enum Leftovers {
  private struct Contents {
    var processes: Set<Int32> = []
    var directories: Set<String> = []
  }

  private static let contents = Mutex(Contents())

  static func add(process: Int32) { contents.withLock { _ = $0.processes.insert(process) } }
  static func remove(process: Int32) { contents.withLock { _ = $0.processes.remove(process) } }
  static func add(directory: String) { contents.withLock { _ = $0.directories.insert(directory) } }
  static func remove(directory: String) { contents.withLock { _ = $0.directories.remove(directory) } }

  /// From now on SIGINT and SIGTERM clear up before they end the process.
  static func clearOnSignals() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        clear()
        // Holding the source from its own handler is what keeps it alive.
        withExtendedLifetime(source) { exit(128 + number) }
      }
      source.resume()
    }
  }

  private static func clear() {
    let (processes, directories) = contents.withLock { ($0.processes, $0.directories) }
    for process in processes { kill(process, SIGKILL) }
    for directory in directories {
      do {
        try FileManager.default.removeItem(atPath: directory)
      } catch {
        FileHandle.standardError.write(Data("\(directory) could not be removed: \(error)\n".utf8))
      }
    }
  }
}
