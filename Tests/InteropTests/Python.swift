import Foundation
import Synchronization
import TestSupport

/// A program that runs beside the test.
final class Python: Sendable {
  /// Whether this machine has what the clients need.
  static let hasZeroMQ: Bool = {
    do {
      let process = Process()
      process.executableURL = PythonClient.interpreter
      process.arguments = ["-c", "import zmq"]
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0
    } catch {
      return false
    }
  }()

  private let process: Process
  private let output = Mutex(Output())

  private struct Output {
    var text = ""
    /// Everything that it has printed has been read.
    var isWhole = false
  }

  /// - Parameter arguments: of the interpreter, in the folder of the clients.
  init(_ arguments: String...) throws {
    process = Process()
    process.executableURL = PythonClient.interpreter
    process.currentDirectoryURL = PythonClient.folder
    process.arguments = ["-B"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      if text.isEmpty { handle.readabilityHandler = nil }
      self?.output.withLock { output in
        output.text += text
        output.isWhole = text.isEmpty
      }
    }
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The whole lines that it has printed.
  var lines: [String] {
    output.withLock { $0.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
  }

  var hasEnded: Bool { output.withLock { $0.isWhole } && !process.isRunning }

  func exitStatus() async throws -> Int32 {
    try await waitUntil("python ends") { self.hasEnded }
    return process.terminationStatus
  }
}
