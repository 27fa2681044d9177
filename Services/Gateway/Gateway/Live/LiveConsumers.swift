import Contracts
import Records
package import ServiceRuntime
import Storage
import Synchronization

/// What the gateway hears: everything, to pass it on to browsers; and scores, for the page that shows them.
package enum LiveConsumers {
  /// What happened longer ago than this is read with the page, not sent after it.
  static let longestNews = Duration.seconds(120)

  package static func all(_ hub: EventHub) -> [EventConsumer] {
    AllowList.streams(for: .gateway).keys.sorted().map { consumer(of: $0, hub) }
  }

  private static func consumer(of stream: StreamName, _ hub: EventHub) -> EventConsumer {
    let news = News()
    var consumer = EventConsumer(stream)
      .willBegin { _ in news.clear() }
      .didRollBack { news.clear() }
      .didCommit { hub.publish(news.take()) }
    for type in Catalogue.events where type.stream == stream {
      consumer = consumer.onRecord(type.type) { record, transaction in
        if type == ScoreObserved.self, !record.isErased {
          try ScoreRows(database: transaction.database).add(try record.decode(ScoreObserved.self))
        }
        guard hub.listenerCount > 0, transaction.now - record.time <= longestNews else { return }
        news.add(LiveEvent(record, of: stream))
      }
    }
    return consumer
  }
}

/// Events of a batch that isn't on disk yet: nobody hears of them before.
private final class News: Sendable {
  private let events = Mutex<[LiveEvent]>([])

  func add(_ event: LiveEvent) { events.withLock { $0.append(event) } }
  func clear() { events.withLock { $0 = [] } }

  func take() -> [LiveEvent] {
    events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
