package import Contracts
package import Records
import Synchronization

/// Hands live events to whoever listens. Nobody waits for anybody: each listener has a bounded buffer, and one that
/// lets it run full is dropped, and told so.
package final class EventHub: Sendable {
  /// Events that a listener may be behind.
  static let mostWaiting = 256
  static let mostListeners = 500

  private let state = Mutex(State())

  private struct State {
    var listeners: [Int: Listener] = [:]
    var next = 0
  }

  private struct Listener {
    let wants: LiveFilter
    let continuation: AsyncStream<LiveEvent>.Continuation
  }

  package init() {}

  package var listenerCount: Int { state.withLock { $0.listeners.count } }

  /// Starts listening. The stream ends when the listener is dropped or `stop` is called with its number.
  /// - Throws: RESOURCE_EXHAUSTED where too many listen.
  package func listen(to wants: LiveFilter) throws(Fault) -> (number: Int, events: AsyncStream<LiveEvent>) {
    // Beyond the bound the newest event is refused, which is how a slow listener is found out.
    let (stream, continuation) = AsyncStream.makeStream(
      of: LiveEvent.self,
      bufferingPolicy: .bufferingOldest(Self.mostWaiting)
    )
    let number = state.withLock { state -> Int? in
      guard state.listeners.count < Self.mostListeners else { return nil }
      state.next += 1
      state.listeners[state.next] = Listener(wants: wants, continuation: continuation)
      return state.next
    }
    guard let number else {
      throw Fault(.resourceExhausted, reason: "tooManyListeners", "Too many browsers listen; try again in a while.")
    }
    return (number, stream)
  }

  package func stop(_ number: Int) {
    state.withLock { $0.listeners.removeValue(forKey: number) }?.continuation.finish()
  }

  package func publish(_ events: [LiveEvent]) {
    let dropped = state.withLock { state -> [Listener] in
      var dropped: [Listener] = []
      for (number, listener) in state.listeners {
        guard events.contains(where: { isFull(listener, $0) }) else { continue }
        state.listeners[number] = nil
        dropped.append(listener)
      }
      return dropped
    }
    for listener in dropped { listener.continuation.finish() }
  }

  private func isFull(_ listener: Listener, _ event: LiveEvent) -> Bool {
    guard listener.wants.includes(event) else { return false }
    if case .dropped = listener.continuation.yield(event) { return true }
    return false
  }

  /// Something to send while nothing happens, so that connections stay open and broken ones are noticed.
  package func keepAlive() { publish([.keepAlive]) }

  /// Ends every stream: the service stops.
  package func stopAll() {
    let all = state.withLock { state in
      defer { state.listeners = [:] }
      return state.listeners.values.map(\.continuation)
    }
    for continuation in all { continuation.finish() }
  }
}

/// Which events a listener wants.
package struct LiveFilter: Sendable {
  let programme: ID<Programme>
  let types: [String]?

  /// - Parameter types: event types, or `subject.*`; nil for everything but scores.
  package init(programme: ID<Programme>, types: [String]? = nil) {
    self.programme = programme
    self.types = types
  }

  func includes(_ event: LiveEvent) -> Bool {
    guard case .record(let record) = event.content else { return true }
    guard record.programme == programme else { return false }
    let type = record.type.rawValue
    guard let types else { return record.type != ScoreObserved.type }
    return types.contains { $0 == type || $0.hasSuffix("*") && type.hasPrefix($0.dropLast()) }
  }
}

/// One event on its way to a browser.
package struct LiveEvent: Sendable {
  enum Content: Sendable {
    case record(Record)
    case keepAlive
  }

  let stream: StreamName
  let content: Content

  package init(_ record: Record, of stream: StreamName) {
    self.stream = stream
    content = .record(record)
  }

  private init(stream: StreamName, content: Content) {
    self.stream = stream
    self.content = content
  }

  static let keepAlive = LiveEvent(stream: .directory, content: .keepAlive)

  /// As `text/event-stream` has it: id, event and data lines, then an empty line.
  package var text: String {
    guard case .record(let record) = content else { return ": still here\n\n" }
    // A record's body is compact JSON without line breaks, so it stands as it is.
    let body = record.isErased ? "null" : String(decoding: record.body, as: UTF8.self)
    return """
      id: \(record.place(in: stream))
      event: \(record.type)
      data: {"time":"\(record.time)","body":\(body)}


      """
  }
}
