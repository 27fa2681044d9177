import Foundation
import Synchronization
import TestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A system that publishes feedback over HTTP all the time, and repeats each batch until it is acknowledged.
final class FeedbackSource: Sendable {
  static let name = "https://shop.example/chaos"

  /// An answer other than an acknowledgement.
  struct Refusal: Decodable, Sendable {
    var status: Int
    var code: String
    var reason: String
    var detail: String
  }

  private struct State {
    var acknowledged = 0
    var refusals: [Refusal] = []
    var failures = 0
    var isStopping = false
  }

  private static let batchSize = 5
  /// Where nobody answers it doesn't wait for long. A request's own limit has no effect on Linux.
  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 5
    return URLSession(configuration: configuration)
  }()
  private let intake: URL
  private let state = Mutex(State())

  init(intakePort: Int) throws {
    guard let url = URL(string: "http://127.0.0.1:\(intakePort)/v1/events") else { throw URLError(.badURL) }
    intake = url
  }

  /// Events 1 to this one are acknowledged, and no other.
  var acknowledged: Int { state.withLock { $0.acknowledged } }
  /// What the intake refused so far.
  var refusals: [Refusal] { state.withLock { $0.refusals } }

  /// How often nobody answered.
  var failures: Int { state.withLock { $0.failures } }

  /// Publishes until it is told to stop, and ends with an acknowledgement.
  func run() async throws {
    while !state.withLock({ $0.isStopping }) {
      try await publishNext()
      // About 100 events a second: what is tested is not how much goes through.
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  func stop() { state.withLock { $0.isStopping = true } }

  /// Returns once that many more are acknowledged.
  func acknowledgements(_ count: Int) async throws {
    let goal = acknowledged + count
    try await eventually("\(count) more events are acknowledged") { acknowledged >= goal }
  }

  private func publishNext() async throws {
    let first = acknowledged + 1
    let body = try JSONSerialization.data(
      withJSONObject: (first..<first + FeedbackSource.batchSize).map(FeedbackSource.event)
    )
    while true {
      try Task.checkCancellation()
      do {
        let (data, status) = try await post(body)
        if status == 202 || status == 200 { break }
        let refusal = try JSONDecoder().decode(Refusal.self, from: data)
        state.withLock { $0.refusals.append(refusal) }
        guard status == 503 || status == 429 else { throw NeverExpected(refusal: refusal) }
      } catch is URLError {
        // Nobody is there, or nobody answers: what became of the batch isn't known, so it is sent again.
        state.withLock { $0.failures += 1 }
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...100)))
    }
    state.withLock { $0.acknowledged += FeedbackSource.batchSize }
  }

  private func post(_ body: Data) async throws -> (Data, Int) {
    var request = URLRequest(url: intake)
    request.httpMethod = "POST"
    request.setValue("application/cloudevents-batch+json", forHTTPHeaderField: "content-type")
    request.httpBody = body
    let (data, response) = try await FeedbackSource.session.data(for: request)
    return (data, (response as? HTTPURLResponse)?.statusCode ?? 0)
  }

  private static func event(_ number: Int) -> [String: Any] {
    let subject = ["bag", "flight", "bill", "router", "parcel", "seat"][number % 6]
    return [
      "specversion": "1.0", "type": "groundswell.feedback.v1", "source": name, "id": "\(number)",
      "data": [
        "programme": "northwind", "channel": "chat", "text": "My \(subject) never arrived, and this is time \(number)",
      ],
    ]
  }

  /// Sound events were refused for good.
  struct NeverExpected: Error, CustomStringConvertible {
    let refusal: Refusal
    var description: String { "a sound batch was refused: \(refusal)" }
  }
}
