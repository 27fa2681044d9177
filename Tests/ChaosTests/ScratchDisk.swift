import Foundation
import TestSupport

/// A small disk of a test's own: an ext4 file system in a file, attached as a loop device.
struct ScratchDisk: Sendable {
  let mountPoint: URL
  private let image: URL

  /// Why there can be none here; nil where there can.
  static let obstacle: String? = {
    guard geteuid() == 0 else { return "mounting a disk of its own needs root" }
    for tool in ["mkfs.ext4", "mount", "umount", "e2fsck", "fsfreeze"] where program(tool) == nil {
      return "\(tool) isn't installed"
    }
    return FileManager.default.fileExists(atPath: "/dev/loop-control") ? nil : "there are no loop devices"
  }()

  /// What goes where tests can have no disk of their own.
  static let isPossible = obstacle == nil

  private static func program(_ name: String) -> URL? {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { URL(filePath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Runs `body` with a mounted disk, and takes it away afterwards.
  static func with(megabytes: Int, _ body: (ScratchDisk) async throws -> Void) async throws {
    let folder = URL(filePath: "/tmp/gs-disk-\(UUID().uuidString.prefix(8))")
    let disk = ScratchDisk(
      mountPoint: folder.appending(component: "disk"),
      image: folder.appending(component: "image")
    )
    try FileManager.default.createDirectory(at: disk.mountPoint, withIntermediateDirectories: true)
    do {
      try await disk.make(megabytes: megabytes)
      try await disk.mount()
      try await body(disk)
    } catch {
      // What went wrong before matters more than what may go wrong now.
      try? await disk.unmount()
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
    try await disk.unmount()
    try FileManager.default.removeItem(at: folder)
  }

  private func make(megabytes: Int) async throws {
    let bytes = off_t(megabytes << 20)
    guard FileManager.default.createFile(atPath: image.path, contents: nil), truncate(image.path, bytes) == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    try await ScratchDisk.run("mkfs.ext4", "-q", "-F", "-m", "0", image.path)
  }

  func mount(readOnly: Bool = false) async throws {
    // A disk with an error on it becomes read-only, as most distributions have it for their root.
    let options = "loop,errors=remount-ro" + (readOnly ? ",ro" : "")
    try await ScratchDisk.run("mount", "-o", options, image.path, mountPoint.path)
  }

  /// Waits until nobody uses it any more.
  func unmount() async throws {
    try await eventually("nobody uses \(mountPoint.path)", within: .seconds(20)) {
      try await Command.run(ScratchDisk.tool("umount"), [mountPoint.path]).status == 0
    }
  }

  // MARK: Faults

  private var ballast: URL { mountPoint.appending(component: "ballast") }

  /// Takes all the room that there is.
  func fill() throws {
    let descriptor = open(ballast.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    for size in [1 << 20, 1 << 12] {
      let block = [UInt8](repeating: 1, count: size)
      while write(descriptor, block, size) > 0 {}
      guard errno == ENOSPC else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
  }

  /// Gives back what `fill` took.
  func makeRoom() throws { try FileManager.default.removeItem(at: ballast) }

  /// Has the file system believe that it found itself damaged: it takes no more writes, also from those who have
  /// files open.
  func fail() async throws {
    let path = "/sys/fs/ext4/\(try await device())/trigger_fs_error"
    try Data("chaos".utf8).write(to: URL(filePath: path))
  }

  /// Checks the file system of a disk that nobody uses any more, and mounts it again.
  func repair() async throws {
    try await unmount()
    // 1 says that something was mended.
    try await ScratchDisk.run("e2fsck", "-p", image.path, accepting: [0, 1])
    try await mount()
  }

  /// Until `thaw`, writes wait.
  func freeze() async throws { try await ScratchDisk.run("fsfreeze", "-f", mountPoint.path) }
  func thaw() async throws { try await ScratchDisk.run("fsfreeze", "-u", mountPoint.path) }

  private func device() async throws -> String {
    let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8).split(separator: "\n")
    let own = mounts.first { $0.contains(" \(mountPoint.path) ") }
    guard let device = own?.split(separator: " ").first else { throw CocoaError(.fileNoSuchFile) }
    return URL(filePath: String(device)).lastPathComponent
  }

  private static func tool(_ name: String) throws -> URL {
    guard let program = program(name) else { throw CocoaError(.fileNoSuchFile) }
    return program
  }

  private static func run(_ name: String, _ arguments: String..., accepting statuses: [Int32] = [0]) async throws {
    let result = try await Command.run(try tool(name), arguments)
    guard statuses.contains(result.status) else { throw ToolFailure(name: name, result: result) }
  }

  struct ToolFailure: Error, CustomStringConvertible {
    let name: String
    let result: CommandResult
    var description: String { "\(name) ended with \(result.status): \(result.errors)" }
  }
}
