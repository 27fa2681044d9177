import Contracts
import Foundation
import Testing

/// What was released must stay readable for ever, and be written the same way: one file for each message and version.
///
/// A new message's file is written by running the tests with `GROUNDSWELL_RECORD_GOLDEN=1`, and committed. An existing
/// file is never written again.
@Suite struct GoldenTests {
  @Test(arguments: Catalogue.events.map { "\($0)" })
  func eventsKeepTheirForm(_ name: String) throws {
    let event = try #require(Catalogue.events.first { "\($0)" == name })
    try checkEvent(event)
  }

  private func checkEvent<Specimen: Event>(_ type: Specimen.Type) throws {
    try Golden(folder: "events/v\(type.schemaVersion)", name: type.type.rawValue).check(type)
  }

  private static let methods = Catalogue.methods + Catalogue.operations

  @Test(arguments: methods.map { $0.name.description })
  func requestsAndRepliesKeepTheirForm(_ name: String) throws {
    let method = try #require(Self.methods.first { $0.name.description == name })
    try checkMethod(method)
  }

  private func checkMethod<Specimen: Method>(_ method: Specimen) throws {
    let folder = "calls/\(method.name.service)"
    try Golden(folder: folder, name: "\(method.name.method).request").check(Specimen.Input.self)
    try Golden(folder: folder, name: "\(method.name.method).reply").check(Specimen.Output.self)
  }

  /// No service's own event: any that is divided among instances may say it.
  @Test func adoptionsKeepTheirForm() throws {
    let folder = "events/v\(ProgrammeAdopted.schemaVersion)"
    try Golden(folder: folder, name: ProgrammeAdopted.type.rawValue).check(ProgrammeAdopted.self)
  }

  @Test func requestsForSnapshotsKeepTheirForm() throws {
    let name = JournalAPI.snapshot.name
    try Golden(folder: "calls/\(name.service)", name: "\(name.method).request").check(JournalSnapshotRequest.self)
  }

  @Test(arguments: [ParcelValue.null, .integer(.min), .real(-0.5), .text("a\u{0}b"), .bytes(Data([0, 255]))])
  func parcelsKeepEachKindOfValue(_ value: ParcelValue) throws {
    #expect(try JSONDecoder().decode(ParcelValue.self, from: JSONEncoder().encode(value)) == value)
  }

  @Test func namesAreUsedOnce() {
    let types = Catalogue.events.map { $0.type }
    #expect(Set(types).count == types.count)
    let methods = Self.methods.map { $0.name }
    #expect(Set(methods).count == methods.count)
  }

  @Test(arguments: Catalogue.events.map { "\($0)" })
  func eventsNameTheirProgrammeAndKey(_ name: String) throws {
    let type = try #require(Catalogue.events.first { "\($0)" == name })
    try checkHeader(type)
  }

  private func checkHeader<Specimen: Event>(_ type: Specimen.Type) throws {
    let event = try JSONSchema.specimen(of: type)
    #expect(!event.programme.rawValue.isEmpty)
    #expect((1...ID<Request>.longestLength).contains(event.key.utf8.count))
    #expect(type.type.rawValue.utf8.count <= 255)
  }
}

/// One golden file beside the tests.
struct Golden {
  let url: URL

  init(folder: String, name: String, root: String = #filePath) {
    url = URL(filePath: root).deletingLastPathComponent()
      .appending(components: "Golden", folder, "\(name).json")
  }

  /// The file decodes as `type`, and what was decoded is written as the file has it, byte for byte.
  func check<Value: Codable>(_ type: Value.Type) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    if ProcessInfo.processInfo.environment["GROUNDSWELL_RECORD_GOLDEN"] == "1",
      !FileManager.default.fileExists(atPath: url.path)
    {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try (encoder.encode(JSONSchema.specimen(of: type)) + Data("\n".utf8)).write(to: url)
    }
    let recorded = try Data(contentsOf: url)
    let value = try JSONDecoder().decode(type, from: recorded)
    let written = try encoder.encode(value) + Data("\n".utf8)
    #expect(String(decoding: written, as: UTF8.self) == String(decoding: recorded, as: UTF8.self))
  }
}
