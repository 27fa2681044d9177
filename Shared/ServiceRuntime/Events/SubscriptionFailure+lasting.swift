import Contracts
import Messaging
import Records

extension SubscriptionFailure {
  /// Why a batch as a whole can't be applied, where that will be so every time; nil for a failure that may pass.
  ///
  /// A single record that can't be applied is no reason: it becomes a dead letter. What can't be *read* must not be
  /// passed over, so the subscription ends before it.
  init?(lasting error: any Error, after cursor: Records.Cursor) {
    let place = "What \(cursor.identity.stream) holds after \(cursor.position)"
    switch error {
    case let failure as SubscriptionFailure:
      self = failure
    case let error as FrameError:
      self = .damaged(
        "\(place) can't be read here (\(error)). Restart this service to read it again; if it stays so, restore the "
          + "latest backup of its publisher."
      )
    default:
      guard let fault = Fault(lasting: error) else { return nil }
      self = .rejected(
        "\(place) can't be applied (\(fault)). Mend what the reason names, then restart this service to go on."
      )
    }
  }
}
