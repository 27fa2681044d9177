package import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// `groundswell`: the command line for people and scripts.
package struct GroundswellCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "groundswell",
    abstract: "Turn what customers say into improvements.",
    discussion: """
      Lists are tables for people; --json gives the same as one JSON document. \
      Exit codes: 0 done, 1 not done, 64 wrong usage, 65 some data was rejected, 69 a service can't be reached, \
      75 try again later, 77 not permitted, 78 wrong configuration.
      """,
    subcommands: [
      UpCommand.self, DownCommand.self, SuperviseCommand.self, StatusCommand.self, BackupCommand.self,
      RestoreCommand.self, CheckCommand.self, DeadLettersCommand.self, ForgetCommand.self, MoveCommand.self,
      ImportCommand.self,
      PublishCommand.self, NoteCommand.self, TapCommand.self, ProgrammesCommand.self, OpportunitiesCommand.self,
      TeamsCommand.self, EmployeesCommand.self, CasesCommand.self, OuterCommand.self, IdeasCommand.self,
      ExperimentsCommand.self,
      GraveyardCommand.self, GoalsCommand.self, AdoptionCommand.self, DigestCommand.self, HuddleCommand.self,
      KeysCommand.self,
    ]
  )

  package init() {}
}

/// What a failure means to a script.
enum ExitStatus {
  static func code(for fault: Fault) -> ExitCode {
    switch fault.code {
    case .unavailable, .deadlineExceeded: ExitCode(69)
    case .resourceExhausted, .aborted: ExitCode(75)
    case .permissionDenied, .unauthenticated: ExitCode(77)
    case .invalidArgument: ExitCode(64)
    default: ExitCode(1)
    }
  }

  static let dataRejected = ExitCode(65)
  static let configuration = ExitCode(78)
}

/// Runs a command's work and says what went wrong, in one line on standard error.
func reportingFailures<Value>(_ work: () async throws -> Value) async throws -> Value {
  do {
    return try await work()
  } catch let fault as Fault {
    let place = fault.field.map { " (at \($0))" } ?? ""
    complain("\(fault.message)\(place) [\(fault.reason)]")
    throw ExitStatus.code(for: fault)
  } catch let error as KeyFileError {
    complain(error.description)
    throw ExitStatus.configuration
  } catch let error as ConfigurationError {
    complain(error.description)
    throw ExitStatus.configuration
  } catch let error as ZeroMQError {
    complain(error.description)
    throw ExitStatus.configuration
  } catch let error as ImportError {
    complain(error.description)
    throw ExitCode(64)
  } catch let error as ConnectionError {
    complain(error.description)
    throw ExitStatus.configuration
  }
}

func complain(_ text: String) {
  FileHandle.standardError.write(Data("groundswell: \(text)\n".utf8))
}
