import GRPCCore
import Testing

@testable import Messaging

private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

struct CallSimulationTests {
  /// Client and server machines joined by two queues, under a random order of everything: whatever happens, both ends
  /// come to an end, messages stay in order, and a call that isn't cut short delivers all of them.
  @Test(arguments: 0..<300)
  func bothEndsAgree(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var limits = CallLimits()
    limits.window = StreamCredit(messages: UInt32.random(in: 1...4, using: &random), bytes: 64)
    var terms = WelcomeRecord.assumed
    terms.window = limits.window
    var client = ClientCallMachine(
      method: "s/M",
      sendsInOnePiece: Bool.random(using: &random),
      limits: limits,
      terms: terms
    )
    var server: ServerCallMachine?
    var toServer: [CallContent] = []
    var toClient: [CallContent] = []
    let isServedInOnePiece = Bool.random(using: &random)
    let isCutShort = UInt8.random(in: 0..<4, using: &random) == 0
    var requests = (0..<UInt8.random(in: 0..<4, using: &random)).map { [$0] }
    var answers = (0..<UInt8.random(in: 0..<30, using: &random)).map { [$0] }
    let expected = (requests, answers)
    var seenByServer: [[UInt8]] = []
    var seenByClient: [[UInt8]] = []
    var ends = (client: false, server: false)
    var hasFinished = false

    toServer += client.step(.write(.metadata([:])), now: start).records
    for _ in 0..<5000 where !(ends.client && toServer.isEmpty && toClient.isEmpty) {
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        if let request = requests.first {
          let effects = client.step(.write(.message(request)), now: start)
          toServer += effects.records
          if effects.write == .accepted { requests.removeFirst() }
        } else if !hasFinished {
          hasFinished = true
          toServer += client.step(.finish, now: start).records
        }
      case 1:
        guard !toServer.isEmpty else { continue }
        let content = toServer.removeFirst()
        if case .open(let open) = content {
          server = ServerCallMachine(open, sendsInOnePiece: isServedInOnePiece, limits: limits)
        } else {
          toClient += server?.step(.received(content), now: start).records ?? []
        }
      case 2:
        guard let (taken, effects) = server?.take() else { continue }
        toClient += effects.records
        if case .part(.message(let message)) = taken { seenByServer.append(message) }
        if case .end = taken { ends.server = true }
      case 3:
        guard ends.server else { continue }
        if let answer = answers.first {
          let effects = server?.step(.write(.message(answer)), now: start) ?? CallEffects()
          toClient += effects.records
          if effects.write == .accepted { answers.removeFirst() }
        } else {
          toClient += server?.step(.write(.status(Status(code: .ok, message: ""), [:])), now: start).records ?? []
        }
      case 4:
        guard !toClient.isEmpty else { continue }
        toServer += client.step(.received(toClient.removeFirst()), now: start).records
      default:
        if isCutShort, UInt8.random(in: 0..<50, using: &random) == 0 {
          toServer += client.step(.abandon(nil), now: start).records
        }
        let (taken, effects) = client.take()
        toServer += effects.records
        switch taken {
        case .part(.message(let message)): seenByClient.append(message)
        case .end, .failure: ends.client = true
        default: break
        }
      }
    }
    #expect(ends.client)
    #expect(seenByServer == Array(expected.0.prefix(seenByServer.count)))
    #expect(seenByClient == Array(expected.1.prefix(seenByClient.count)))
    if !isCutShort {
      #expect(seenByServer == expected.0)
      #expect(seenByClient == expected.1)
    }
  }
}
