package import Contracts
import DequeModule

/// What has been delivered to the sink and not yet committed by it: the measure for back-pressure and lag.
package struct DeliveryWindow: Sendable {
  package let capacityBytes: Int
  package private(set) var byteCount = 0
  private var deliveries: Deque<Delivery> = []

  private struct Delivery {
    let lastPosition: UInt64
    let byteCount: Int
    let commitTime: Timestamp
  }

  package init(capacityBytes: Int) {
    self.capacityBytes = capacityBytes
  }

  package var isEmpty: Bool { deliveries.isEmpty }
  package var roomBytes: Int { max(0, capacityBytes - byteCount) }
  /// Half empty: worth asking for more. Asking at every commit would cost a message for each.
  package var isDrained: Bool { byteCount <= capacityBytes / 2 }
  /// When the oldest delivery was committed by its publisher.
  package var oldestCommitTime: Timestamp? { deliveries.first?.commitTime }

  package mutating func append(lastPosition: UInt64, byteCount: Int, commitTime: Timestamp) {
    deliveries.append(Delivery(lastPosition: lastPosition, byteCount: byteCount, commitTime: commitTime))
    self.byteCount += byteCount
  }

  package mutating func release(upTo position: UInt64) {
    while let first = deliveries.first, first.lastPosition <= position {
      byteCount -= first.byteCount
      deliveries.removeFirst()
    }
  }

  package mutating func removeAll() {
    deliveries.removeAll()
    byteCount = 0
  }
}
