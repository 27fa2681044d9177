import GRPCCore
import Synchronization
import Testing

@testable import Messaging

/// Counts how often it is woken, the attachment included.
private final class WakeCounter: SocketDriver {
  private let count: WakeCount

  init(_ count: WakeCount) {
    self.count = count
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool { false }
  func wake(on loop: SocketLoop) throws(ZeroMQError) { count.value.add(1, ordering: .relaxed) }
  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }
  func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
}

private final class WakeCount: Sendable {
  let value = Atomic<Int>(0)
}

/// Who sends a short call by its own hand needs a thread that sleeps.
@Suite(.timeLimit(.minutes(1))) struct CallHasteTests {
  @Test(arguments: [(Duration.seconds(10), 1), (.milliseconds(50), 2)])
  func aDeadlineWakesTheThreadOnlyWhereItIsNear(timeout: Duration, wakes: Int) async throws {
    let (thread, count) = (try SocketThread(), WakeCount())
    let handle = thread.makeHandle()
    try await thread.attach(as: handle) { _ throws(ZeroMQError) in (WakeCounter(count), ()) }
    let link = ClientLink(server: "nobody", handle: handle, limits: CallLimits())
    let call = try link.open(
      "probe.v1/Add",
      sendsInOnePiece: true,
      waitsForReady: true,
      timeout: timeout,
      limits: CallLimits()
    )
    try await call.write(.metadata([:]))
    // Comes after whatever has been asked of the driver before.
    await handle.detach()
    #expect(count.value.load(ordering: .relaxed) == wakes)
    #expect(await thread.stop())
  }
}
