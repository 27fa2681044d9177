import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// `groundswell backup`: copies of the services' stores, made while they run.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy stores while the services run; all of them where none is named.",
    discussion: """
      Each copy is one moment of its store, checked, and on the disk when this is done. Copies of one run belong \
      together: none has read more of another's events than that one's copy holds, so that restored together they go on.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "A service; may be repeated.") var service: [ServiceProfile] = []
  @Option(name: .long, help: ArgumentHelp("Where the copies go; made where it is missing.", valueName: "dir"))
  var to: String
  @Option(name: .long, help: "How many seconds the copy of one store may take.") var copySeconds = 600

  func run() async throws {
    let services = service.isEmpty ? ServiceProfile.all : service
    let isWhole = try await options.withConnection { connection in
      let members = connection.members(of: services)
      let folder = BackupFolder(URL(filePath: to), at: Connection.now())
      try folder.prepare()
      var set = BackupSet()
      do {
        try await take(members, into: &set, folder, connection)
      } catch {
        for (member, copy) in set.copies { await discard(copy, of: member, folder, connection) }
        throw error
      }
      try options.output.show(BackupReport(set), asText: \.text)
      return set.behind.isEmpty
    }
    guard isWhole else {
      complain("the services never stood still enough for copies of one moment; restore each by itself, or try again")
      throw ExitCode(75)
    }
  }

  /// Those that read more than they are read come first. A copy that others' copies have overtaken is made again.
  private func take(
    _ members: [ServiceMember],
    into set: inout BackupSet,
    _ folder: BackupFolder,
    _ connection: Connection
  ) async throws {
    var due = Array(members.reversed())
    for round in 0..<BackupSet.mostRounds where !due.isEmpty {
      for member in due {
        let name = folder.name(of: member, round: round)
        let receipt = try await connection.client(of: member)
          .call(OperationsAPI.backUp, BackUp(name: name), connection.callSettings(timeout: .seconds(copySeconds)))
        var copy = BackupSet.Copy(name: name, receipt: receipt)
        do {
          copy.file = try folder.take(receipt, of: member)
        } catch {
          await discard(copy, of: member, folder, connection)
          throw error
        }
        // Here, the later copy was written over the earlier one.
        if let earlier = set.copies.updateValue(copy, forKey: member), earlier.file == nil {
          await discard(earlier, of: member, folder, connection)
        }
      }
      let behind = set.behind
      due = members.filter { behind.contains($0) }
    }
  }

  /// Takes back a copy that is of no use: here, and where its service made it. What can't be removed now only takes room.
  private func discard(
    _ copy: BackupSet.Copy,
    of member: ServiceMember,
    _ folder: BackupFolder,
    _ connection: Connection
  ) async {
    if let file = copy.file { return folder.remove(file) }
    do {
      _ = try await connection.client(of: member)
        .call(OperationsAPI.discardBackUp, DiscardBackUp(name: copy.name), connection.callSettings())
    } catch {
      complain("\(copy.receipt.path) on \(member.name)'s host is of no use and couldn't be removed: \(error)")
    }
  }
}

/// Copies that were made one after the other, and whether they belong together.
struct BackupSet {
  static let mostRounds = 8

  struct Copy {
    /// As the service was asked to call it.
    let name: String
    let receipt: BackUpReceipt
    /// Where the copy was put; nil where it is still in its service's data directory, on another host.
    var file: String?
  }

  var copies: [ServiceMember: Copy] = [:]

  /// Those of whose streams another copy has read more than their own copy holds.
  var behind: Set<ServiceMember> {
    let ends = Dictionary(
      copies.flatMap { member, copy in (copy.receipt.heads ?? []).map { (Self.key($0), (member, $0.position)) } }
    ) { $1 }
    var behind: Set<ServiceMember> = []
    for cursor in copies.values.flatMap({ $0.receipt.cursors ?? [] }) {
      if let (member, end) = ends[Self.key(cursor)], cursor.position > end { behind.insert(member) }
    }
    return behind
  }

  private static func key(_ head: StreamHead) -> String { "\(head.stream)/\(head.instance ?? 0)" }
}

/// What `backup` has made, as scripts see it.
struct BackupReport: Codable {
  struct Copy: Codable {
    var service: String
    var path: String
    var byteCount: Int64
    var heads: [StreamHead]
  }

  var backups: [Copy]
  /// Whether the copies may be restored together.
  var isConsistent: Bool

  init(_ set: BackupSet) {
    backups = set.copies.sorted { $0.key.name < $1.key.name }.map { member, copy in
      Copy(
        service: member.name,
        path: copy.file ?? "\(copy.receipt.path) (on \(member.name)'s host)",
        byteCount: copy.receipt.byteCount,
        heads: copy.receipt.heads ?? []
      )
    }
    isConsistent = set.behind.isEmpty
  }

  var text: String {
    Table(
      backups,
      [
        .text("SERVICE") { $0.service },
        .figure("BYTES") { "\($0.byteCount)" },
        .figure("RECORDS") { "\($0.heads.map(\.position).reduce(0, +))" },
        .text("FILE") { $0.path },
      ]
    ).text()
  }
}
