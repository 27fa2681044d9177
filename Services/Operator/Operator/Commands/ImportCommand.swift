import ArgumentParser
import Contracts
import Foundation
import ServiceRuntime

/// `groundswell import`: a file of feedback, every row accounted for.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import feedback from a file, CSV or JSON Lines, plain or .gz.",
    discussion: """
      Each row ends as imported, duplicate or rejected; rejected rows go to a file of their own with the reason. \
      The same file imported again adds nothing, and an interrupted import goes on where it was.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The file.") var file: String
  @Option(name: .long, help: "csv or jsonl; told from the file's name where it isn't given.") var format: String?
  @Option(name: .long, help: ArgumentHelp("Which column is which field; repeated.", valueName: "field=COLUMN"))
  var map: [String] = []
  @Flag(name: .long, help: "Create the programme and the teams that the file names.") var create = false
  @Option(name: .long, help: "The channel of all rows: \(Channel.allCases.map(\.rawValue).joined(separator: ", ")).")
  var channel: String?
  @Option(name: .long, help: "The source of the CloudEvents; import:FILE where it isn't given.") var source: String?
  @Option(name: .long, help: "The delimiter; told from the header where it isn't given.") var delimiter: String?
  @Option(name: .long, help: "How times are written: \(DateFormat.allCases.map(\.name).joined(separator: ", ")).")
  var dateFormat: String?
  @Option(name: .long, help: "The time zone of times without an offset.") var timeZone = "UTC"
  @Option(name: .long, help: "Where rejected rows go; beside the import's state where it isn't given.")
  var rejects: String?
  @Flag(name: .long, help: "Read and check everything, send nothing.") var dryRun = false

  func run() async throws {
    let rejected = try await options.withConnection { connection in
      let folder = URL(filePath: try await options.settings()[StandardSettings.data]).appending(component: "imports")
      let importOptions = try importOptions()
      let plan = try await ImportPlan(surveying: importOptions)
      let summary =
        dryRun
        ? try await DryRun(importOptions, plan).run()
        : try await send(importOptions, plan, over: connection.patient, folder: folder)
      try options.output.show(summary) { summary in
        "\(summary.rows) rows: \(summary.imported) imported, \(summary.duplicates) duplicates, "
          + "\(summary.rejected) rejected, in \(Figure.decimal(summary.seconds, places: 1)) s"
          + (summary.rejectsFile.map { "\nRejected rows and reasons: \($0)" } ?? "")
      }
      return summary.rejected
    }
    if rejected > 0 { throw ExitStatus.dataRejected }
  }

  private func send(
    _ importOptions: ImportOptions,
    _ plan: ImportPlan,
    over connection: Connection,
    folder: URL
  ) async throws -> ImportSummary {
    let teams = try await TeamResolution(connection, programme: importOptions.programme)
      .resolve(plan.teams, creating: create)
    let name = URL(filePath: file).lastPathComponent
    let importer = try Importer(
      connection,
      importOptions,
      plan,
      stateFolder: folder,
      rejectsPath: rejects ?? folder.appending(component: "\(name).rejects.csv").path
    )
    return try await importer.run(teams: teams)
  }

  private func importOptions() throws -> ImportOptions {
    guard let programme = options.programme else { throw ImportError("say which programme it is for: --programme ID") }
    guard ID<Programme>.isWellFormed(programme) else { throw ImportError("'\(programme)' can't be a programme's id") }
    let kind = format ?? (file.contains(".jsonl") || file.contains(".ndjson") ? "jsonl" : "csv")
    guard let format = ImportFormat(rawValue: kind) else {
      throw ImportError("--format is csv or jsonl, not '\(kind)'")
    }
    guard let zone = TimeZone(identifier: timeZone) else { throw ImportError("'\(timeZone)' is no IANA time zone") }
    let known = Channel.allCases.map(\.rawValue).joined(separator: ", ")
    guard let channel = channel.map({ Channel(rawValue: $0) }) ?? .some(nil) else {
      throw ImportError("--channel is one of \(known)")
    }
    guard let date = dateFormat.map({ DateFormat(name: $0) }) ?? .some(nil) else {
      throw ImportError("--date-format is one of \(DateFormat.allCases.map(\.name).joined(separator: ", "))")
    }
    let separator = delimiter == "\\t" ? "\t" : delimiter
    guard separator.map({ $0.utf8.count == 1 }) ?? true else { throw ImportError("--delimiter is one ASCII character") }
    return ImportOptions(
      path: file,
      format: format,
      programme: ID(programme),
      source: source ?? "import:\(URL(filePath: file).lastPathComponent)",
      channel: channel,
      mapping: try ColumnMapping(map),
      delimiter: separator?.utf8.first,
      dateFormat: date,
      timeZone: zone
    )
  }
}
