import ArgumentParser
import Contracts
import Foundation
import Messaging
import Records
import ServiceRuntime

/// `groundswell tap`: events as they are written, one JSON object a line.
struct TapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tap",
    abstract: "Follow events; each as a CloudEvent on a line of its own.",
    discussion: "Streams: \(StreamName.all.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The stream.") var stream: String
  @Option(name: .long, help: "Only types that begin so, e.g. opportunity.; may be repeated.") var type: [String] = []
  @Option(name: .long, help: "Begin after this position; 0 for all there is.") var after: UInt64?
  @Option(name: .long, help: "Which instance of the stream's service.") var instance: UInt16 = 0
  @Flag(name: .long, help: "End when all that there is has been shown.") var once = false

  func run() async throws {
    guard let name = StreamName(stream), let owner = ServiceProfile.owner(of: name) else {
      complain("there is no stream '\(stream)'; there are \(StreamName.all.map(\.rawValue).joined(separator: ", "))")
      throw ExitCode(64)
    }
    try await options.withConnection { connection in
      let client = try connection.client(of: owner, instance: Int(instance))
      let start = try await self.start(of: name, client)
      let request = JournalReadRequest(stream: name, instance: instance, after: "\(start)", follow: !once)
      let filter = TapFilter(after: start, types: type, programme: options.programme)
      try await client.feed(raw: JournalAPI.read, request) { messages in
        for try await bytes in messages {
          // A head vector says that all there is has been sent; it holds no records.
          guard try FrameHeader(parsing: bytes).kind == .records else { continue }
          for line in try filter.lines(of: RecordFrame(validating: bytes)) { print(line) }
          fflush(nil)
        }
      }
    }
  }

  /// Where it was told to begin; without that, at the end for those who follow.
  private func start(of stream: StreamName, _ client: CallClient) async throws -> UInt64 {
    if let after { return after }
    if once { return 0 }
    let heads = try await client.call(JournalAPI.heads, JournalHeadsRequest()).heads
    return heads.first { $0.stream == stream }.flatMap { UInt64($0.position) } ?? 0
  }
}

/// Which records of a frame are shown, and how.
struct TapFilter: Sendable {
  let after: UInt64
  let types: [String]
  let programme: String?

  func lines(of frame: RecordFrame) throws -> [String] {
    try frame.records().filter { record in
      record.position > after && (programme == nil || programme == record.programme.rawValue)
        && (types.isEmpty || types.contains { record.type.rawValue.hasPrefix($0) })
    }.map { try line($0, of: frame.header.identity) }
  }

  /// The record as a CloudEvent, by the rule in WIRE.md.
  private func line(_ record: Record, of identity: StreamIdentity) throws -> String {
    let sequence = String(record.sequence)
    var event: [String: JSONValue] = [
      "specversion": "1.0", "id": .string("\(identity.epoch).\(record.position)"),
      "source": .string("/groundswell/\(identity.stream)/\(identity.instance)"),
      "type": .string(record.type.rawValue), "subject": .string(record.key),
      "time": .string(record.time.description), "partitionkey": .string(record.programme.rawValue),
      "sequence": .string(String(repeating: "0", count: 20 - sequence.count) + sequence),
      "sequencetype": "PartitionSequence", "schemaversion": .integer(Int64(record.schemaVersion)),
      "datacontenttype": "application/json",
    ]
    if let trace = record.trace { event["traceparent"] = .string(trace.description) }
    if !record.isErased { event["data"] = try JSONDecoder().decode(JSONValue.self, from: Data(record.body)) }
    return try Output.json(JSONValue.object(event))
  }
}
