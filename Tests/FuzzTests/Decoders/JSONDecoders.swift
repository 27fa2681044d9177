import Contracts
import Foundation
import Messaging
import ServiceRuntime

@testable import Gateway
@testable import Ingestion

extension FuzzedDecoder {
  /// JSON of anyone's, read strictly.
  static let json = FuzzedDecoder(name: "json") { bytes in
    guard let value = try? JSONReader.value(of: bytes) else { return false }
    let again = try JSONReader.value(of: [UInt8](JSONEncoder().encode(value)))
    try require(again == value, "\(value) came back as \(again)")
    // What is taken over HTTP comes by calls as well, through Foundation's decoder: both have to see the same.
    if let other = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) {
      try require(other == value, "\(value) is \(other) to Foundation")
    }
    return true
  }

  /// The messages of calls and events: the first byte says of which type, the rest is its JSON.
  static let messages = FuzzedDecoder(name: "messages", seeds: messageSeeds, check: checkMessage)

  @Sendable private static func messageSeeds() throws -> [[UInt8]] {
    try messageTypes.enumerated().map { number, type in [UInt8(number)] + (try encodedSpecimen(of: type)) }
  }

  @Sendable private static func checkMessage(_ bytes: [UInt8]) throws -> Bool {
    guard let choice = bytes.first, Int(choice) < messageTypes.count else { return false }
    let type = messageTypes[Int(choice)]
    return try check(type, Array(bytes.dropFirst()))
  }

  private static let messageTypes: [any (Codable & Sendable).Type] =
    Catalogue.events.map { $0 as any (Codable & Sendable).Type }
    + (Catalogue.methods + Catalogue.operations).flatMap { [$0.inputType, $0.outputType] }
    + [Principal.self, Fault.self, HealthReport.self, ReflectionReport.self, CursorReport.self, ProgrammeAdopted.self]

  private static func encodedSpecimen<Message: Codable & Sendable>(of type: Message.Type) throws -> [UInt8] {
    try MessageCoding.encode(JSONSchema.specimen(of: type))
  }

  private static func check<Message: Codable & Sendable>(_ type: Message.Type, _ bytes: [UInt8]) throws -> Bool {
    guard let message = try? MessageCoding.decode(type, from: bytes) else { return false }
    // Not all of them can be compared; equal messages are equal bytes, though.
    let written = try MessageCoding.encode(message)
    let again = try MessageCoding.encode(try MessageCoding.decode(type, from: written))
    try require(
      again == written,
      "\(type): \(String(decoding: written, as: UTF8.self)) came back as \(String(decoding: again, as: UTF8.self))"
    )
    return true
  }

  /// A request to the gateway: the first byte chooses the method, the first line is the query as `name=value&…`, the
  /// rest the body.
  static let routeInput = FuzzedDecoder(name: "route-input", seeds: routeSeeds, check: checkRoute)

  @Sendable private static func routeSeeds() throws -> [[UInt8]] {
    try routes.enumerated().map { number, route in
      let body = route.input.body == nil ? [] : try encodedSpecimen(of: route.type)
      return [UInt8(number)] + Array((route.input.query.isEmpty ? "\n" : "programme=p\n").utf8) + body
    }
  }

  @Sendable private static func checkRoute(_ bytes: [UInt8]) throws -> Bool {
    guard let choice = bytes.first, Int(choice) < routes.count else { return false }
    let route = routes[Int(choice)]
    let parts = bytes.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    let items = parts[0].split(separator: UInt8(ascii: "&")).map { item in
      let sides = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return (
        name: String(decoding: sides[0], as: UTF8.self),
        value: sides.count > 1 ? String(decoding: sides[1], as: UTF8.self) : ""
      )
    }
    let body = parts.count > 1 ? Array(parts[1]) : []
    guard let message = try? route.input.message(path: [:], query: items, body: body) else { return false }
    _ = try check(route.type, try MessageCoding.encode(message))
    return true
  }

  private struct FuzzedRoute: Sendable {
    let type: any (Codable & Sendable).Type
    let input: RouteInput
  }

  private static let routes: [FuzzedRoute] = Catalogue.methods.compactMap { method in
    let input = try? RouteInput(method.inputType, in: "/v1", hasBody: method.kind == .command)
    return input.map { FuzzedRoute(type: method.inputType, input: $0) }
  }
}
