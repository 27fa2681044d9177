import ArgumentParser
import Contracts
import Messaging
import ServiceRuntime

/// `groundswell dead-letters`: records that a service couldn't apply and has set aside.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Records that could not be applied and were set aside.",
    discussion: """
      A service goes on after setting a record aside, so nothing waits for it; what the record says is missing there \
      until it is retried, for instance after an upgrade.
      """,
    subcommands: [ListDeadLettersCommand.self, RetryDeadLetterCommand.self, DiscardDeadLetterCommand.self],
    defaultSubcommand: ListDeadLettersCommand.self
  )
}

struct ListDeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Those of all services, oldest first.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: ArgumentHelp("Only this instance's.", valueName: "ranking-1")) var of: ServiceMember?
  @Option(name: .long, help: "Only records of this stream, e.g. ingestion.") var stream: String?
  @Option(name: .long, help: "At most this many of each instance, up to 500.") var limit = 50

  func validate() throws {
    guard (1...500).contains(limit) else { throw ValidationError("--limit lies between 1 and 500") }
    if let stream, StreamName(stream) == nil { throw ValidationError("'\(stream)' is no stream's name") }
  }

  func run() async throws {
    let fault = try await options.withConnection { connection in
      var entries: [DeadLetterEntry] = []
      var firstFault: Fault?
      let request = DeadLettersRequest(stream: stream.flatMap(StreamName.init), limit: limit)
      for member in of.map({ [$0] }) ?? connection.members() {
        do throws(Fault) {
          let page = try await connection.client(of: member)
            .call(OperationsAPI.deadLetters, request, connection.callSettings())
          entries += page.deadLetters.map { DeadLetterEntry(service: member.name, deadLetter: $0) }
        } catch {
          // What one instance can't answer hides nothing of the others'.
          complain("\(member.name): \(error.message) [\(error.reason)]")
          firstFault = firstFault ?? error
        }
      }
      try options.output.show(entries, asText: DeadLetterEntry.text)
      return firstFault
    }
    if let fault { throw ExitStatus.code(for: fault) }
  }
}

/// A dead letter and who has it.
struct DeadLetterEntry: Codable {
  var service: String
  var deadLetter: DeadLetterNotice

  static func text(_ entries: [DeadLetterEntry]) -> String {
    guard !entries.isEmpty else { return "Nothing has been set aside." }
    return Table(
      entries,
      [
        .text("SERVICE") { $0.service },
        .figure("ID") { "\($0.deadLetter.id)" },
        .text("RECORD") { "\($0.deadLetter.stream) \($0.deadLetter.position)" },
        .text("TYPE") { $0.deadLetter.type.rawValue },
        .text("PROGRAMME") { $0.deadLetter.programme.rawValue },
        .text("SINCE") { Figure.date($0.deadLetter.at) },
        .figure("TRIED") { "\($0.deadLetter.attempts)" },
        .text("WHY") { $0.deadLetter.message },
      ]
    ).text()
  }
}

/// Which dead letter is meant.
struct DeadLetterChoice: ParsableArguments {
  @Argument(help: "Who has it: a service, or an instance such as ranking-1.") var service: ServiceMember
  @Argument(help: "Its number in the list.") var id: Int64
}

struct RetryDeadLetterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "retry", abstract: "Apply a record again.")
  @OptionGroup var options: ConnectionOptions
  @OptionGroup var choice: DeadLetterChoice

  func run() async throws {
    try await options.withConnection { connection in
      let outcome = try await connection.client(of: choice.service)
        .call(OperationsAPI.retryDeadLetter, RetryDeadLetter(id: choice.id), connection.callSettings())
      if let fault = outcome.fault { throw fault }
      try options.output.show(outcome) { _ in "\(choice.service.name) has applied record \(choice.id)" }
    }
  }
}

struct DiscardDeadLetterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "discard", abstract: "Give a record up for good.")
  @OptionGroup var options: ConnectionOptions
  @OptionGroup var choice: DeadLetterChoice

  func run() async throws {
    try await options.withConnection { connection in
      let outcome = try await connection.client(of: choice.service)
        .call(OperationsAPI.discardDeadLetter, DiscardDeadLetter(id: choice.id), connection.callSettings())
      try options.output.show(outcome) { _ in "\(choice.service.name) has given record \(choice.id) up" }
    }
  }
}
