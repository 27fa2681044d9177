import Contracts
import GRDB
import Records

/// What an integrity check found.
package struct IntegrityReport: Hashable, Sendable {
  /// In sentences; empty where all is well.
  package internal(set) var problems: [String] = []
  package internal(set) var framesChecked = 0
  package internal(set) var recordsChecked = 0

  /// Beyond these, more detail helps nobody.
  static let mostProblems = 20

  init(problems: [String] = []) {
    self.problems = problems
  }

  /// Checks the journals of a database that nobody else uses.
  init(ofJournalsIn database: Database) throws {
    for head in try Records.Cursor.fetchHeads(database) {
      var check = JournalCheck(of: head)
      while !check.isDone { try check.readPage(in: database) }
      add(check)
    }
  }

  mutating func add(_ check: JournalCheck) {
    problems += check.problems
    framesChecked += check.framesChecked
    recordsChecked += check.recordsChecked
  }
}

extension Store {
  /// Checks SQLite's own structures (`PRAGMA quick_check`), and of each journal the checksums, the chain of hashes,
  /// the numbering and the head. Writing and trimming go on meanwhile.
  package func checkIntegrity() async throws -> IntegrityReport {
    var report = IntegrityReport()
    let findings = try await read {
      try String.fetchAll($0, sql: "PRAGMA quick_check(\(IntegrityReport.mostProblems))")
    }
    report.problems = findings.filter { $0 != "ok" }
    for head in heads() {
      var check = JournalCheck(of: head)
      while !check.isDone, report.problems.count < IntegrityReport.mostProblems {
        let start = check
        check = try await read { database in
          var check = start
          try check.readPage(in: database)
          return check
        }
      }
      report.add(check)
    }
    return report
  }

  /// Checks the store as `checkIntegrity` does. Where it doesn't stand the check, or a part of it can't be read from the
  /// disk, it is no authority any more: it takes no more writes, and neither its journals nor copies of it are handed
  /// out, until the process is restarted on a sound store.
  /// - Throws: what kept it from being checked and says nothing about what it holds.
  package func verify() async throws -> IntegrityReport {
    let report: IntegrityReport
    do {
      report = try await checkIntegrity()
    } catch {
      let failure = (error as? DatabaseError).map { StoreError($0, at: configuration.path) } ?? error as? StoreError
      guard let failure, [.damaged, .notADatabase, .failed].contains(failure.code) else { throw error }
      report = IntegrityReport(problems: [failure.message])
    }
    if let problem = report.problems.first {
      state.didFail(
        StoreError(
          .damaged,
          "the store at \(configuration.path) failed its integrity check (\(problem)): restore the latest backup"
        )
      )
    }
    return report
  }
}
