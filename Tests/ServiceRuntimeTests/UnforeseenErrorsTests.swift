import Contracts
import Dispatch
import Logging
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

/// Whoever reads a log may stand still: what waits to be written must not grow without bound.
struct UnforeseenErrorsTests {
  /// Writes nothing until it is let, and keeps what it was given.
  private final class Reader: Sendable {
    let passedOver = Mutex<[Int]>([])
    private let mayWrite = DispatchSemaphore(value: 0)

    func write(_ metadata: Logger.Metadata?) {
      mayWrite.wait()
      mayWrite.signal()
      passedOver.withLock { $0.append(metadata?["passedOver"].flatMap { Int("\($0)") } ?? 0) }
    }

    func goOn() { mayWrite.signal() }
  }

  private struct Handler: LogHandler {
    let reader: Reader
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { reader.write(event.metadata) }
  }

  private struct Surprise: Error {}

  @Test func whatCannotBeWrittenIsCounted() async throws {
    let reader = Reader()
    let errors = UnforeseenErrors(Logger(label: "test") { _ in Handler(reader: reader) })
    let method = MethodName(service: "probe.v1", method: "Add")
    // Nothing is awaited before the reader goes on, as the threads of the pool may all stand still.
    for _ in 0..<100 { errors.log(Surprise(), in: method) }
    reader.goOn()
    try await waitUntil("what waited is written") { reader.passedOver.withLock { $0.count } == 64 }
    errors.log(Surprise(), in: method)
    try await waitUntil("the next one is") { reader.passedOver.withLock { $0.count } == 65 }
    let passedOver = reader.passedOver.withLock { $0.reduce(0, +) }
    #expect(passedOver == 36)
  }
}
