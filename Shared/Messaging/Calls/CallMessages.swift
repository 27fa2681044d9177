import Contracts
import GRPCCore

/// The messages of a stream, in order; failures are thrown as `Fault`.
package struct CallMessages<Message: Sendable>: AsyncSequence, Sendable {
  private let base: RPCAsyncSequence<Message, any Error>

  init(_ base: RPCAsyncSequence<Message, any Error>) {
    self.base = base
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var base: RPCAsyncSequence<Message, any Error>.AsyncIterator

    package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
      do {
        return try await base.next(isolation: actor)
      } catch {
        throw Fault(reporting: error)
      }
    }

    package mutating func next() async throws -> Message? {
      try await next(isolation: nil)
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator()) }
}
