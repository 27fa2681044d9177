import Contracts
import Foundation
import Messaging

/// Feedback as customers might write it: a complaint about one of some themes in one of many wordings.
struct FeedbackLoad: Sendable {
  /// Item n is about the n-th of these, over and over.
  let programmes: [ID<Programme>]
  let events: Int
  let batch: Int
  /// Items a second, over all senders.
  let rate: Int?
  /// How many send at the same time; sender k sends what is about every k-th programme.
  let senders: Int

  /// The numbers of the items that one sender sends, in batches. At a rate, a batch holds what falls due within 5 ms.
  func batches(of sender: Int) -> [[Int]] {
    let size = rate.map { min(batch, max(1, $0 / 200 / senders)) } ?? batch
    let items = (0..<events).filter { ($0 % programmes.count) % senders == sender }
    return stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
  }

  /// What an item is about.
  func programme(of item: Int) -> ID<Programme> { programmes[item % programmes.count] }

  /// Waits until the last item of the batch is due.
  func untilDue(_ batch: [Int], since start: MonotonicInstant) async throws {
    guard let rate, let last = batch.last else { return }
    let due = start + .nanoseconds(Int64(Double(last) * 1e9 / Double(rate)))
    let rest = due - .now
    if rest > .zero { try await Task.sleep(for: rest) }
  }

  func message(_ batch: [Int]) -> IntakeBatch {
    IntakeBatch(number: batch.first ?? 0, events: batch.map(event))
  }

  private func event(_ number: Int) -> JSONValue {
    let programme = programme(of: number)
    return .object([
      "specversion": .string("1.0"), "id": .string("item-\(number)"), "source": .string("/groundswell-bench"),
      "type": .string(IntakeType.feedback.rawValue), "datacontenttype": .string("application/json"),
      "data": .object([
        "programme": .string(programme.rawValue), "channel": .string(Channel.review.rawValue),
        "text": .string(text(number)),
      ]),
    ])
  }

  private func text(_ number: Int) -> String {
    // Fixed steps that share no factor with the counts go through all combinations.
    let theme = FeedbackLoad.themes[number * 7 % FeedbackLoad.themes.count]
    let opening = FeedbackLoad.openings[number * 11 % FeedbackLoad.openings.count]
    let closing = FeedbackLoad.closings[number * 13 % FeedbackLoad.closings.count]
    return "\(opening) \(theme). \(closing)"
  }

  private static let themes = [
    "my suitcase never arrived at the carousel", "the flight left four hours late without a word",
    "I waited fifty minutes on hold for an agent", "the refund was promised in March and is not here",
    "the seat that I paid for was given away", "check-in closed while we stood in the queue",
    "the app logs me out on the payment page", "the connection was missed because of the gate change",
    "the crew was kind and found my daughter's toy", "the meal was cold and the second choice was gone",
    "nobody at the desk knew about the voucher", "the invoice shows a fee that nobody explained",
  ]
  private static let openings = [
    "Third time this year:", "I am sorry to say that", "Just so you know,", "On Tuesday", "Once again",
    "As a frequent traveller I note that", "My parents tell me that",
  ]
  private static let closings = [
    "Please call me back.", "I expected better.", "A message would have been enough.", "What will you do about it?",
    "The staff did what they could.", "I shall look elsewhere next time.", "It cost us a day.",
    "Thank you for reading.",
  ]
}
