import ArgumentParser
import Contracts
import Foundation

/// `groundswell publish`: one piece of feedback, or CloudEvents from a file.
struct PublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Send feedback, or CloudEvents from a file (one JSON object a line)."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The customer's words.") var text: String?
  @Option(name: .long, help: "A file of CloudEvents, one a line; - for standard input.") var file: String?
  @Option(name: .long, help: "Where the words come from.") var channel = "other"
  @Option(name: .long, help: "The team that they concern.") var team: String?
  @Option(name: .long, help: "The customer's reference; it is hashed and not kept.") var customer: String?
  @Option(name: .long, help: "The source of the CloudEvent.") var source = "groundswell:command-line"
  @Option(name: .long, help: "The id of the CloudEvent; a new one where it isn't given.") var id: String?

  func validate() throws {
    if (text == nil) == (file == nil) { throw ValidationError("give the words, or --file") }
  }

  func run() async throws {
    let rejected = try await options.withConnection { connection in
      var tally = ImportTally()
      for (part, batch) in try await events(connection).chunks(ofCount: Self.batchSize).enumerated() {
        let receipt = try await connection.tell(IngestionAPI.publish, PublishFeedback(events: batch), part: part)
        for result in receipt.results {
          switch result.outcome.known {
          case .accepted: tally.imported += 1
          case .duplicate: tally.duplicates += 1
          default: tally.rejected += 1
          }
        }
      }
      try options.output.show(tally) { "\($0.imported) accepted, \($0.duplicates) duplicates, \($0.rejected) rejected" }
      return tally.rejected
    }
    if rejected > 0 { throw ExitStatus.dataRejected }
  }

  private static let batchSize = 100

  private func events(_ connection: Connection) async throws -> [JSONValue] {
    if let file { return try CloudEventLines.read(file) }
    var data: [String: JSONValue] = [
      "programme": .string(try await connection.programme().rawValue), "channel": .string(channel),
      "text": .string(text ?? ""), "occurredAt": .string(Connection.now().description),
    ]
    if let team { data["team"] = .string(team) }
    if let customer { data["customer"] = .string(customer) }
    return [Self.event(id: id ?? UUID().uuidString, source: source, data: data)]
  }

  static func event(id: String, source: String, data: [String: JSONValue]) -> JSONValue {
    [
      "specversion": "1.0", "type": .string(IntakeType.feedback.rawValue), "source": .string(source),
      "id": .string(id), "datacontenttype": "application/json", "data": .object(data),
    ]
  }
}

/// A file with a CloudEvent on each line.
enum CloudEventLines {
  static func read(_ path: String) throws -> [JSONValue] {
    let data =
      path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
    guard let data else { throw ImportError("the file \(path) isn't there, or may not be read by this user") }
    return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
      do {
        return try JSONDecoder().decode(JSONValue.self, from: line)
      } catch {
        throw ImportError("\(path), line \(index + 1): this isn't JSON in UTF-8")
      }
    }
  }
}

extension Array {
  /// Pieces of at most `count` elements, in order.
  func chunks(ofCount count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}

/// `groundswell note`: ten seconds of a front-line person's time.
struct NoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "A field note: what a customer told me. With --instead, an adaptation: what I did differently."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "What the customer said, or what happened.") var text: String
  @Option(name: .long, help: "My team.") var team: String
  @Option(name: .long, help: "What the standard was.") var standard: String?
  @Option(name: .long, help: "What I did instead.") var instead: String?
  @Option(name: .long, help: "What came of it.") var outcome: String?

  func validate() throws {
    if instead != nil, standard == nil || outcome == nil {
      throw ValidationError("an adaptation has --standard, --instead and --outcome")
    }
  }

  func run() async throws {
    try await options.withConnection { connection in
      var data: [String: JSONValue] = [
        "programme": .string(try await connection.programme().rawValue), "team": .string(team),
        "channel": .string((instead == nil ? Channel.fieldNote : .adaptation).rawValue), "text": .string(text),
        "occurredAt": .string(Connection.now().description),
      ]
      if let instead, let standard, let outcome {
        data["adaptation"] = [
          "standard": .string(standard), "didInstead": .string(instead), "outcome": .string(outcome),
        ]
      }
      let event = PublishCommand.event(id: UUID().uuidString, source: "groundswell:front-line", data: data)
      let receipt = try await connection.tell(IngestionAPI.publish, PublishFeedback(events: [event]))
      try options.output.show(receipt) { "Thank you. \($0.results.first?.feedback?.rawValue ?? "")" }
    }
  }
}
