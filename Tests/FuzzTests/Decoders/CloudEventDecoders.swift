import Contracts
import Foundation

@testable import Ingestion

extension FuzzedDecoder {
  /// A CloudEvent in structured mode.
  static let cloudEvents = FuzzedDecoder(name: "cloudevents") { bytes in
    guard let json = try? JSONReader.value(of: bytes), let event = try? CloudEvent(json: json) else { return false }
    try requireLasting(event)
    return true
  }

  /// A batch of CloudEvents.
  static let batches = FuzzedDecoder(name: "cloudevents-batch") { bytes in
    guard let elements = try? JSONReader.elements(of: bytes),
      (try? CloudEvent.requireOneSpecVersion(elements.map(\.value))) != nil
    else { return false }
    for (value, range) in elements {
      let alone = try JSONReader.value(of: Array(bytes[range]))
      try require(alone == value, "the element \(value) reads as \(alone) on its own")
      if let event = try? CloudEvent(json: value) { try requireLasting(event) }
    }
    return true
  }

  /// A CloudEvent in binary mode: header lines `name: value`, an empty line, the body.
  static let headers = FuzzedDecoder(name: "cloudevents-headers") { bytes in
    var headers: [(name: String, value: String)] = []
    var contentType: String?
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2 else { continue }
      if parts[0].lowercased() == "content-type" {
        contentType = parts[1]
      } else {
        headers.append((parts[0], parts[1]))
      }
    }
    guard let event = try? CloudEvent(headers: headers, contentType: contentType, body: Array(rest.dropFirst())) else {
      return false
    }
    try requireLasting(event)
    return true
  }

  private static func requireLasting(_ event: CloudEvent) throws {
    let written = [UInt8](try JSONEncoder().encode(event.json))
    let again = try CloudEvent(json: try JSONReader.value(of: written))
    try require(again == event, "\(event) came back as \(again)")
  }

  /// A CloudEvent all the way to the record that is made of it.
  static let feedback = FuzzedDecoder(name: "feedback") { bytes in
    let receivedAt = Timestamp(milliseconds: 1_795_348_800_000)
    guard let json = try? JSONReader.value(of: bytes), let event = try? CloudEvent(json: json),
      let content = try? IntakeContent(of: event, receivedAt: receivedAt)
    else { return false }
    switch content {
    case .feedback(let submission):
      let feedback = Feedback(
        submission,
        CanonicalContext(
          id: EventIdentity.id(source: event.source, id: event.id),
          source: event.source,
          sourceRecordID: event.id,
          eventTime: event.time,
          receivedAt: receivedAt,
          customer: nil,
          rawHash: EventIdentity.rawHash(bytes),
          defaultLanguage: "en"
        )
      )
      _ = KnownProgramme(id: "p", defaultLanguage: "en", timeZone: "Europe/Lisbon").day(of: feedback.occurredAt)
      try requireCodable(FeedbackRecorded(feedback: feedback)) { $0.feedback }
      for score in submission.scores(of: feedback) { try requireCodable(score) { $0.score } }
      let cleaned = try CleanText.cleaned(feedback.text, limit: .max)
      try require(cleaned == feedback.text, "the text isn't clean: \(feedback.text)")
    case .withdrawal(let withdrawal): try requireCodable(withdrawal) { $0 }
    case .observation(let observation): try requireCodable(observation) { $0 }
    case .interactions(let count):
      try requireCodable(count) { $0 }
      try require(CalendarDay(count.day)?.description == count.day, "the day \(count.day) is written in another way")
    }
    return true
  }

  private static func requireCodable<Value: Codable, Part: Equatable>(
    _ value: Value,
    _ part: (Value) -> Part
  ) throws {
    let again = try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    try require(part(again) == part(value), "\(value) came back as \(again)")
  }
}
