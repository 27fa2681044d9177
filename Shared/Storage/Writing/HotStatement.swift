import Foundation
package import GRDB
import GRDBSQLite

/// A prepared statement that is run through SQLite's own functions: per statement, GRDB costs about a microsecond,
/// which on the way of every command is a third of the whole. For the few statements that run once per event.
///
/// Bytes are bound without a copy, so they have to stay where they are until `run` or `firstRow` is back. It belongs to
/// its database's connection, and is valid as long as the closure that was handed the database.
package struct HotStatement {
  // Owns the compiled statement and finalises it.
  private let statement: Statement
  private var compiled: OpaquePointer { statement.sqliteStatement }

  init(_ database: Database, _ sql: String) throws {
    statement = try database.makeStatement(sql: sql)
  }

  /// The connection's own copy of the statement, compiled when it is asked for the first time. Asking costs a look-up,
  /// so ask once and run it for each row.
  package init(cachedIn database: Database, _ sql: String) throws {
    statement = try database.cachedStatement(sql: sql)
  }

  package func bind(_ value: Int64, at index: Int32) {
    sqlite3_bind_int64(compiled, index, value)
  }

  package func bind(_ bytes: UnsafeRawBufferPointer, at index: Int32) {
    // A null pointer would bind NULL rather than an empty blob.
    if bytes.isEmpty {
      sqlite3_bind_zeroblob(compiled, index, 0)
    } else {
      sqlite3_bind_blob64(compiled, index, bytes.baseAddress, UInt64(bytes.count), nil)
    }
  }

  package func bind(_ text: UnsafeBufferPointer<UInt8>, textAt index: Int32) {
    text.withMemoryRebound(to: CChar.self) { text in
      sqlite3_bind_text64(compiled, index, text.baseAddress, UInt64(text.count), nil, UInt8(SQLITE_UTF8))
      return
    }
  }

  /// Runs a statement that returns no rows.
  package func run() throws {
    try firstRow { _ in }
  }

  /// Runs the statement and reads its first row; nil where there is none.
  @discardableResult
  package func firstRow<Value>(_ read: (HotRow) throws -> Value) throws -> Value? {
    defer {
      sqlite3_reset(compiled)
      sqlite3_clear_bindings(compiled)
    }
    switch sqlite3_step(compiled) {
    case SQLITE_DONE: return nil
    case SQLITE_ROW: return try read(HotRow(compiled: compiled))
    case let code: throw error(code)
    }
  }

  /// Runs the statement and reads row after row until `read` says that it has enough.
  package func rows(_ read: (HotRow) throws -> Bool) throws {
    defer {
      sqlite3_reset(compiled)
      sqlite3_clear_bindings(compiled)
    }
    while true {
      switch sqlite3_step(compiled) {
      case SQLITE_DONE: return
      case SQLITE_ROW: guard try read(HotRow(compiled: compiled)) else { return }
      case let code: throw error(code)
      }
    }
  }

  private func error(_ code: Int32) -> DatabaseError {
    guard let connection = sqlite3_db_handle(compiled) else { return DatabaseError(resultCode: .SQLITE_MISUSE) }
    return DatabaseError(code, on: connection)
  }
}

extension DatabaseError {
  /// What the connection says of the call that has just failed with `code`; where the system was the reason, with the
  /// system's words for it, as SQLite's own are `disk I/O error` for whatever it is.
  init(_ code: Int32, on connection: OpaquePointer) {
    // SQLite keeps the number for statements, but not for COMMIT; there it is still the thread's.
    let last = errno
    let number = last != 0 ? last : sqlite3_system_errno(connection)
    var message = String(cString: sqlite3_errmsg(connection))
    let result = ResultCode(rawValue: code)
    if number != 0, [.SQLITE_IOERR, .SQLITE_CANTOPEN].contains(result.primaryResultCode) {
      message += ": \(String(cString: strerror(number)))"
    }
    self.init(resultCode: result, message: message)
  }
}

/// A row where SQLite keeps it: valid until the statement goes on.
package struct HotRow {
  fileprivate let compiled: OpaquePointer

  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(compiled, column) }

  package func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(compiled, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(compiled, column)))
  }
}
