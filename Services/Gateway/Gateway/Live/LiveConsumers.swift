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
      // What a dead letter told that was retried meanwhile is no news.
      .willBegin { _, instance in news.clear(of: instance) }
      .didRollBack { news.clear(of: $0) }
      .didCommit { hub.publish(news.take(of: $0)) }
    for type in Catalogue.events where type.stream == stream {
      consumer = consumer.onRecord(type.type) { record, transaction in
        if type == ScoreObserved.self, !record.isErased {
          try ScoreRows(database: transaction.database).add(try record.decode(ScoreObserved.self))
        }
        guard hub.listenerCount > 0, transaction.now - record.time <= longestNews else { return }
        news.add(LiveEvent(record, of: stream), of: record.instance)
      }
    }
    return consumer
  }
}

/// Events of batches that aren't on disk yet: nobody hears of them before.
private final class News: Sendable {
  /// By the instance that wrote them: a batch of each may be under way.
  private let events = Mutex<[UInt16: [LiveEvent]]>([:])

  func add(_ event: LiveEvent, of instance: UInt16) {
    events.withLock { $0[instance, default: []].append(event) }
  }

  func clear(of instance: UInt16) {
    events.withLock { $0[instance] = nil }
  }

  func take(of instance: UInt16) -> [LiveEvent] {
    events.withLock { $0.removeValue(forKey: instance) } ?? []
  }
}
