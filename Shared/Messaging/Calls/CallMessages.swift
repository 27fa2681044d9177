import Contracts
import GRPCCore

/// The messages of a stream, in order; failures are thrown as `Fault`.
package struct CallMessages<Message: Sendable>: AsyncSequence, Sendable {
  private let base: RPCAsyncSequence<Message, any Error>
  private let check: ProgrammeCheck?

  /// - Parameter check: what each message has to pass.
  init(_ base: RPCAsyncSequence<Message, any Error>, _ check: ProgrammeCheck? = nil) {
    self.base = base
    self.check = check
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var base: RPCAsyncSequence<Message, any Error>.AsyncIterator
    fileprivate let check: ProgrammeCheck?

    package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
      do {
        let message = try await base.next(isolation: actor)
        if let message { try check?.check(message) }
        return message
      } catch {
        throw Fault(reporting: error)
      }
    }

    package mutating func next() async throws -> Message? {
      try await next(isolation: nil)
    }
  }

  package func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: base.makeAsyncIterator(), check: check)
  }
}
