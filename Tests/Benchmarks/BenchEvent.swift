import Contracts
import Storage

/// The event that is measured with: 300 bytes of JSON that say which one it is and since when it has been due.
enum BenchEvent {
  static let byteCount = 300
  static let stream = StreamName.ingestion
  static let type = EventType("bench.measured")
  static let programmes = (0..<64).map { ID<Programme>("bench-\($0)") }
  static let keys = (0..<keyCount).map { "subject-\($0)" }
  private static let keyCount = 10_000

  /// Which event, from 1, and when it was due, in nanoseconds of CLOCK_MONOTONIC.
  struct Stamp {
    let index: Int
    let dueNanoseconds: Int64
  }

  /// The body, as a service decodes one.
  struct Content: Decodable {
    let index: String
    let due: String
    let text: String

    var stamp: Stamp { Stamp(index: Int(index, radix: 16) ?? 0, dueNanoseconds: Int64(due, radix: 16) ?? 0) }
  }

  /// Which of the 10,000 subjects an event is about: spread as the peers spread theirs.
  static func key(of index: Int) -> Int { Int((UInt64(index) &* 2_654_435_761) % UInt64(keyCount)) }

  private static let opening = #"{"index":"0000000000000000","due":"0000000000000000","text":""#
  private static let indexOffset = 10
  private static let dueOffset = 35
  private static let template: [UInt8] = {
    let text = String(repeating: "x", count: byteCount - opening.utf8.count - 2)
    return Array((opening + text + #""}"#).utf8)
  }()

  /// Fills bodies back to back, one for each stamp.
  static func bodies(_ count: Int, _ stamp: (Int) -> Stamp) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count * byteCount) { buffer, initializedCount in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      template.withUnsafeBytes { template in
        for number in 0..<count {
          let body = UnsafeMutableRawBufferPointer(rebasing: bytes[number * byteCount..<(number + 1) * byteCount])
          body.copyMemory(from: template)
          let stamp = stamp(number)
          write(UInt64(stamp.index), at: indexOffset, in: body)
          write(UInt64(stamp.dueNanoseconds), at: dueOffset, in: body)
        }
      }
      initializedCount = count * byteCount
    }
  }

  static func stamp(of body: UnsafeRawBufferPointer) -> Stamp {
    Stamp(index: Int(number(at: indexOffset, in: body)), dueNanoseconds: Int64(number(at: dueOffset, in: body)))
  }

  private static func write(_ number: UInt64, at offset: Int, in body: UnsafeMutableRawBufferPointer) {
    var rest = number
    for digit in stride(from: offset + 15, through: offset, by: -1) {
      let value = UInt8(truncatingIfNeeded: rest & 15)
      body[digit] = value < 10 ? value + 0x30 : value + 0x57
      rest >>= 4
    }
  }

  private static func number(at offset: Int, in body: UnsafeRawBufferPointer) -> UInt64 {
    var number: UInt64 = 0
    for digit in body[offset..<offset + 16] {
      number = number << 4 | UInt64(digit < 0x40 ? digit - 0x30 : digit - 0x57)
    }
    return number
  }
}

/// The state that both ends keep: how many events each subject had, and the sum of their numbers.
enum SubjectTable {
  static let migration = Migration(
    "bench.1",
    sql: "CREATE TABLE subjects (key INTEGER PRIMARY KEY, events INTEGER NOT NULL, total INTEGER NOT NULL)"
  )

  static func upsert(in transaction: Transaction) throws -> HotStatement {
    try HotStatement(
      cachedIn: transaction.database,
      """
      INSERT INTO subjects (key, events, total) VALUES (?1, 1, ?2)
      ON CONFLICT (key) DO UPDATE SET events = events + 1, total = total + ?2
      """
    )
  }

  static func count(_ index: Int, with upsert: HotStatement) throws {
    upsert.bind(Int64(BenchEvent.key(of: index)), at: 1)
    upsert.bind(Int64(index), at: 2)
    try upsert.run()
  }
}
