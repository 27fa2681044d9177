import Contracts
import Records
import TestSupport

/// A record as it is handed to a builder.
struct Draft: Hashable {
  var type = EventType("feedback.recorded")
  var programme: ID<Programme> = "acme"
  var key = "f-1"
  var schemaVersion: UInt16 = 1
  var time = Timestamp(milliseconds: 1_795_348_800_000)
  var trace: TraceContext?
  var body = Array(#"{"text":"lost luggage"}"#.utf8)

  init(key: String = "f-1") {
    self.key = key
  }

  static func random(_ generator: inout SeededGenerator) -> Draft {
    var draft = Draft()
    draft.type = EventType(text(1...40, &generator))
    draft.programme = ID(text(1...20, &generator))
    draft.key = text(0...255, &generator)
    draft.schemaVersion = .random(in: 0 ... .max, using: &generator)
    draft.time = Timestamp(milliseconds: .random(in: .min ... .max, using: &generator))
    draft.body = generator.bytes(.random(in: 0...600, using: &generator))
    if generator.happens(0.5) {
      draft.trace = TraceContext(
        traceID: (high: .random(in: 1 ... .max, using: &generator), low: .random(in: 0 ... .max, using: &generator)),
        parentSpanID: .random(in: 1 ... .max, using: &generator),
        flags: .random(in: 0 ... .max, using: &generator)
      )
    }
    return draft
  }

  private static func text(_ lengths: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
    let length = Int.random(in: lengths, using: &generator)
    return String((0..<length).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &generator))) })
  }
}

extension FrameBuilder {
  static let identity = StreamIdentity(stream: .ingestion, instance: 3, epoch: 0x0102_0304_0506_0708)
  static let commitTime = Timestamp(milliseconds: 1_795_348_800_123)

  static func fresh() -> FrameBuilder { FrameBuilder(resuming: HeadVector(startOf: identity)) }

  @discardableResult
  mutating func append(_ draft: Draft) throws(FrameError) -> UInt64 {
    var outcome: Result<UInt64, FrameError> = .success(0)
    draft.body.withUnsafeBytes { body in
      do throws(FrameError) {
        outcome = .success(
          try append(
            type: draft.type,
            programme: draft.programme,
            key: draft.key,
            schemaVersion: draft.schemaVersion,
            time: draft.time,
            trace: draft.trace,
            body: body
          )
        )
      } catch {
        outcome = .failure(error)
      }
    }
    return try outcome.get()
  }

  /// Seals and accepts.
  mutating func commit() -> [RecordFrame] {
    let frames = seal(at: FrameBuilder.commitTime)
    accept()
    return frames
  }

  static func frames(of drafts: [Draft]) throws -> [RecordFrame] {
    var builder = fresh()
    for draft in drafts { try builder.append(draft) }
    return builder.commit()
  }
}

func expect(_ record: Record, matches draft: Draft) -> Bool {
  record.type == draft.type && record.programme == draft.programme && record.key == draft.key
    && record.schemaVersion == draft.schemaVersion && record.time == draft.time && record.trace == draft.trace
    && record.body == draft.body && record.partition == Partition(of: draft.programme) && !record.isErased
}
