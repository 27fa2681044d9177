import Foundation

/// What a supervisor knows of its services, kept beside the stores for `up` and `status` to read.
struct SupervisionReport: Codable, Equatable, Sendable {
  /// The supervisor's own process.
  var supervisor: Int32
  /// By the service's name.
  var services: [String: Run] = [:]

  /// How one service is run.
  struct Run: Codable, Equatable, Sendable {
    enum State: String, Codable {
      case running
      /// It ended by itself and is started again after a pause.
      case restarting
      /// Starting it again would not help; somebody has to do something first.
      case failed
    }

    var state: State
    /// While it is running.
    var processID: Int32?
    /// How it ended last: its exit code, or the number of the signal that ended it, negative.
    var exitStatus: Int32?
    /// Why it ended last, in its own words.
    var problem: String?

    static func running(_ processID: Int32) -> Run { Run(state: .running, processID: processID) }
  }
}
