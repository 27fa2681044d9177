import Contracts
import Foundation
import Logging
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

/// Keys, the allow-list and HTTP as a service's settings name them.
@Suite struct SecurityTests {
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func settings(_ arguments: String...) async throws -> Settings {
    try await Settings.load(for: .ingestion, arguments: ["test"] + arguments, environment: [:])
  }

  private func problem(_ settings: Settings) -> String? {
    let error = #expect(throws: ConfigurationError.self) { try NetworkKeys.load(settings) }
    return error?.description
  }

  @Test func keysAndListComeTogether() async throws {
    try await withTemporaryDirectory { directory in
      let (publicKey, secret) = try KeyFile.create(named: "ingestion", in: directory.path)
      let list = directory.path(of: "allow-list.json")
      try Data(#"{"keys": [{"name": "ingestion", "publicKeys": ["\#(publicKey)"]}]}"#.utf8).write(
        to: URL(filePath: list)
      )
      #expect(try await NetworkKeys.load(settings()) == nil)
      let keys = try NetworkKeys.load(try await settings("--secret-key-file", secret, "--allow-list", list))
      #expect(keys?.keyring.own.publicKey == publicKey)
      #expect(problem(try await settings("--secret-key-file", secret))?.contains("allow-list has to be set") == true)
      #expect(problem(try await settings("--allow-list", list))?.contains("secret-key-file has to be set") == true)

      let printed = try await settings("--secret-key-file", secret, "--allow-list", list).report
      #expect(printed.contains("secret-key-file = \(secret)"))

      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secret)
      let open = problem(try await settings("--secret-key-file", secret, "--allow-list", list))
      #expect(open?.contains("chmod 600") == true)
    }
  }

  @Test func aChangedListIsPutIntoForceAndABadOneIsNot() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "allow-list.json")
      func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) }
      try write("{}")
      let access = AccessControl(try KeyAllowList(readingFileAt: path))
      let watch = Task { await AllowListWatch(path: path, access: access, logger: quiet).run() }
      try write(#"{"keys": [{"name": "a"}]}"#)
      try await waitUntil("the list is in force") { access.list.grants.map(\.name) == ["a"] }
      try write(#"{"keys": [{"name": ""#)
      try await waitUntil("the bad list is refused") { (access.counts[.listRefused] ?? 0) > 0 }
      #expect(access.list.grants.map(\.name) == ["a"])
      try FileManager.default.removeItem(atPath: path)
      try await waitUntil("a missing list is refused") { (access.counts[.listRefused] ?? 0) > 1 }
      #expect(access.list.grants.map(\.name) == ["a"])
      try write(#"{"keys": [{"name": "b"}]}"#)
      try await waitUntil("the next list is in force") { access.list.grants.map(\.name) == ["b"] }
      watch.cancel()
      await watch.value
    }
  }

  @Test func plainHTTPStaysOnThisMachineUnlessToldOtherwise() async throws {
    try await withTemporaryDirectory { directory in
      func open(_ arguments: [String]) async throws -> (assembly: ServiceAssembly, network: ZeroMQNetwork) {
        let local = ["--data", directory.path, "--publish", "tcp://127.0.0.1:*", "--answer", "tcp://127.0.0.1:*"]
        let settings = try await Settings.load(
          for: .ingestion,
          arguments: ["test"] + local + arguments,
          environment: [:]
        )
        let network = try await ZeroMQNetwork(.ingestion, settings)
        let assembly = try await ServiceAssembly.open(
          notary(),
          settings: settings,
          network: network,
          logger: quiet
        )
        return (assembly, network)
      }
      for arguments in [["--admin", "0.0.0.0:0"], ["--http", "[::]:0"], ["--http", "192.0.2.1:80"]] {
        let failure = await #expect(throws: StartupFailure.self) { _ = try await open(arguments) }
        #expect(failure?.reason == .configuration)
        #expect(failure?.message.contains("--allow-plain-http") == true)
      }
      let service = try await open(["--admin", "0.0.0.0:0", "--allow-plain-http"])
      await service.assembly.store.close()
      await service.network.close()
    }
  }

  @Test func servicesMeetWithKeysBeyondTheClear() async throws {
    try await withTemporaryDirectory { directory in
      // The address is this machine's, and not loopback as far as anyone can tell by its name.
      let outside = ["--publish", "tcp://0.0.0.0:*", "--answer", "tcp://0.0.0.0:*"]
      func endpointsBind(_ arguments: [String]) async throws {
        let settings = try await Settings.load(for: .ingestion, arguments: ["test"] + arguments, environment: [:])
        let network = try await ZeroMQNetwork(.ingestion, settings, logger: quiet)
        do {
          let head = HeadVector(startOf: StreamIdentity(stream: .ingestion, instance: 0, epoch: 1))
          await (try await network.events.publisher(of: [head])).close()
        } catch {
          await network.close()
          throw error
        }
        await network.close()
      }
      let error = await #expect(throws: ZeroMQError.self) { try await endpointsBind(outside) }
      #expect(error?.cause == .plainBeyondLoopback)
      let (publicKey, secret) = try KeyFile.create(named: "ingestion", in: directory.path)
      let list = directory.path(of: "allow-list.json")
      try Data(#"{"keys": [{"name": "ingestion", "publicKeys": ["\#(publicKey)"]}]}"#.utf8).write(
        to: URL(filePath: list)
      )
      try await endpointsBind(outside + ["--secret-key-file", secret, "--allow-list", list])
    }
  }
}
