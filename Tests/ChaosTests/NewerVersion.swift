import Contracts
import Foundation
import GRDB
import Logging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// A later version of a service, as far as its store can tell: what it would have written there.
struct NewerVersion: Sendable {
  let definition: ServiceDefinition
  /// The stores' directory.
  let data: URL

  /// Writes in the stopped service's store.
  func write(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws {
    let settings = try await Settings.load(
      for: definition.profile,
      own: definition.settings,
      arguments: ["newer"],
      environment: [:]
    )
    let store = try Store.open(
      storeConfiguration(at: data.appending(component: "\(definition.profile.name).sqlite").path),
      streams: definition.profile.streams,
      migrations: try definition.makeBlueprint(settings).migrations,
      now: Timestamp.now
    )
    do {
      try await store.write(body)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
  }
}

extension Transaction {
  /// Appends an event with what a later version knows beside: fields that are new, and values of enumerations that are.
  func append(_ event: some Event, with additions: [String: JSONValue]) throws {
    try appendNewer(
      type(of: event).type,
      to: type(of: event).stream,
      programme: event.programme,
      key: event.key,
      try NewerVersion.merged(try JSONValue(encoding: event), additions)
    )
  }

  /// Appends an event of any type.
  func appendNewer(
    _ type: EventType,
    to stream: StreamName,
    programme: ID<Programme>,
    key: String,
    _ body: JSONValue
  ) throws {
    try appendRaw(
      to: stream,
      type: type,
      programme: programme,
      key: key,
      schemaVersion: 2,
      body: try JSONEncoder().encode(body)
    )
  }
}

extension NewerVersion {
  /// The value with the additions in it, object by object.
  static func merged(_ value: JSONValue, _ additions: [String: JSONValue]) throws -> JSONValue {
    guard case .object(var members) = value else { return .object(additions) }
    for (name, addition) in additions {
      if case .object(let inner) = addition, let old = members[name] {
        members[name] = try merged(old, inner)
      } else {
        members[name] = addition
      }
    }
    return .object(members)
  }
}

extension JSONValue {
  /// What a value looks like in JSON.
  init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }
}
