import Contracts
import Foundation
import GRDB

/// The key that references to customers are hashed with.
enum SecretRows {
  /// The configured key, or the one that was made at the first start.
  /// - Throws: `Fault` with reason `referenceKeyChanged` where another key was in use before: customers would silently
  ///   become strangers.
  static func referenceKey(configured: String?, in database: Database) throws -> ReferenceKey {
    let key = try configured.map { ReferenceKey(Array($0.utf8)) } ?? ownKey(in: database)
    let fingerprint = Data(key.fingerprint.utf8)
    if let known = try value("reference-key-fingerprint", in: database) {
      guard known == fingerprint else {
        throw Fault(
          .failedPrecondition,
          reason: "referenceKeyChanged",
          "This store was begun with another customer key. Set the former one again: with a new key every known "
            + "customer would count as somebody else."
        )
      }
    } else {
      try set("reference-key-fingerprint", fingerprint, in: database)
    }
    return key
  }

  private static func ownKey(in database: Database) throws -> ReferenceKey {
    if let known = try value("reference-key", in: database) { return ReferenceKey(Array(known)) }
    // The system's generator is cryptographically secure on every platform (documented for SystemRandomNumberGenerator).
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<ReferenceKey.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    try set("reference-key", Data(bytes), in: database)
    return ReferenceKey(bytes)
  }

  private static func value(_ name: String, in database: Database) throws -> Data? {
    try Data.fetchOne(database, sql: "SELECT value FROM secret WHERE name = ?", arguments: [name])
  }

  private static func set(_ name: String, _ value: Data, in database: Database) throws {
    try database.execute(sql: "INSERT INTO secret (name, value) VALUES (?, ?)", arguments: [name, value])
  }
}
