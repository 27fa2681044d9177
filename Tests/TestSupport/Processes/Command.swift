package import Foundation
import Synchronization

package struct CommandResult: Sendable {
  package var status: Int32
  package var output: Data
  package var errors: String

  package var text: String { String(decoding: output, as: UTF8.self) }

  /// The output's last line, as JSON.
  package func lastLine<Value: Decodable>(as type: Value.Type) throws -> Value {
    let line = text.split(separator: "\n").last ?? ""
    return try JSONDecoder().decode(type, from: Data(line.utf8))
  }
}

package enum Command {
  /// Runs a program to its end.
  /// - Parameter limit: how long it may take, far longer than it should; then it and all that it started are killed.
  /// - Throws: `NeverHappened` where it had to be killed, or its test was cancelled.
  package static func run(
    _ executable: URL,
    _ arguments: [String],
    environment: [String: String] = [:],
    input: Data? = nil,
    folder: URL? = nil,
    within limit: Duration = .seconds(120)
  ) async throws -> CommandResult {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = Binaries.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let stdin = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : stdin
    let (ended, end) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = {
      end.yield($0.terminationReason == .exit ? $0.terminationStatus : 128 + $0.terminationStatus)
      end.finish()
    }
    try process.run()
    // A program that never ends would hold up its test for ever: no time limit of a test interrupts a blocked read.
    let limiter = Task {
      try await Task.sleep(for: limit)
      killGroup(of: process)
    }
    defer { limiter.cancel() }
    if let input {
      try stdin.fileHandleForWriting.write(contentsOf: input)
      try stdin.fileHandleForWriting.close()
    }
    // Both pipes are read while the program runs, so that neither fills up.
    async let outputData = output.fileHandleForReading.everything()
    async let errorData = errors.fileHandleForReading.everything()
    var status: Int32?
    for await code in ended { status = code }
    // The loop ends early only where the test is cancelled.
    if status == nil { killGroup(of: process) }
    let result = CommandResult(
      status: status ?? -1,
      output: await outputData,
      errors: String(decoding: await errorData, as: UTF8.self)
    )
    guard let status, status != 128 + SIGKILL else {
      let command = ([executable.lastPathComponent] + arguments).joined(separator: " ")
      throw NeverHappened(what: "\(command) ended by itself\n\(result.text)\n\(result.errors)")
    }
    return result
  }

  /// Foundation starts every program in a process group of its own, which those that it starts belong to.
  private static func killGroup(of process: Process) {
    if process.isRunning { kill(-process.processIdentifier, SIGKILL) }
  }
}

extension FileHandle {
  /// Everything until the end, read on a thread that may block.
  package func everything() async -> Data {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.readDataToEndOfFile()) }
    }
  }
}

/// Where the build put the programs: beside the test bundle.
package enum Binaries {
  package static let folder: URL = {
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      if FileManager.default.fileExists(atPath: folder.appending(component: "groundswell-ingestion").path) { break }
    }
    return folder
  }()

  /// This process' environment without settings of Groundswell's own, which would overrule a cluster's file.
  package static var environment: [String: String] {
    ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GROUNDSWELL_") }
  }

  /// The project's root.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}

/// TCP ports of the loopback interface that nobody uses.
///
/// They come from below the range that the kernel hands out by itself, so that no outgoing connection takes one
/// between now and the start of the service that it is meant for.
package enum FreePorts {
  private static let given = Mutex<Set<Int>>([])

  package static func take(_ count: Int) -> [Int] {
    given.withLock { given in
      var ports: [Int] = []
      while ports.count < count {
        let port = Int.random(in: 20_000..<32_000)
        if !given.contains(port), canBeBound(port) {
          given.insert(port)
          ports.append(port)
        }
      }
      return ports
    }
  }

  /// Whether nobody listens there. What lingers of connections that were closed is no obstacle to a server.
  package static func isLeft(_ port: Int) -> Bool { canBeBound(port, besideOldConnections: true) }

  private static func canBeBound(_ port: Int, besideOldConnections: Bool = false) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var option: Int32 = besideOldConnections ? 1 : 0
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &option, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
