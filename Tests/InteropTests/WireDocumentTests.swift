import Contracts
import Foundation
import Testing

/// The JSON that WIRE.md shows is what the services read and write. Its bytes are those of `CallCodecTests`, and its
/// programs are run by `EncryptedPythonTests` and `FollowTests`.
struct WireDocumentTests {
  @Test func itsJSONIsThatOfTheServices() throws {
    let lines = try Document.wire().blocks("json").flatMap { $0.split(separator: "\n").map(String.init) }.map {
      $0.replacing("9f2c… (64 digits)", with: String(repeating: "9f2c", count: 16)).replacing("…", with: "7")
    }
    try #require(lines.count == 4)
    try expectWhole(lines[0], JournalReadRequest.self)
    try expectWhole(lines[1], CursorReport.self)
    try expectWhole(lines[2], CursorReceipt.self)
    try expectWhole(lines[3], ProgrammeAdopted.self)
  }

  @Test func eachOfItsExamplesIsTested() throws {
    let document = try Document.wire()
    let languages = document.text.split(separator: "\n").filter { $0.hasPrefix("```") && $0 != "```" }
    #expect(Set(languages) == ["```python", "```json"])
    #expect(document.blocks("python").count == 2)
  }

  /// It is read, and nothing in it is passed over.
  private func expectWhole<Message: Codable>(_ text: String, _ type: Message.Type) throws {
    let message = try JSONDecoder().decode(Message.self, from: Data(text.utf8))
    let again = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(message)) as? NSDictionary
    #expect(again == (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary))
  }
}
