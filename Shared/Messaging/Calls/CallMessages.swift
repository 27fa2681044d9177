import Contracts
import GRPCCore

/// The messages of a stream, in order; failures are thrown as `Fault`.
package struct CallMessages<Message: Sendable>: AsyncSequence, Sendable {
  private enum Source: Sendable {
    case library(RPCAsyncSequence<Message, any Error>)
    /// A feed over our own transport, read off the call itself.
    case own(ClientPipe, @Sendable ([UInt8]) throws -> Message)
  }

  private let source: Source
  private let check: ProgrammeCheck?

  /// - Parameter check: what each message has to pass.
  init(_ base: RPCAsyncSequence<Message, any Error>, _ check: ProgrammeCheck? = nil) {
    source = .library(base)
    self.check = check
  }

  init(_ call: ClientPipe, _ deserialize: @escaping @Sendable ([UInt8]) throws -> Message) {
    source = .own(call, deserialize)
    check = nil
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate enum Source {
      case library(RPCAsyncSequence<Message, any Error>.AsyncIterator)
      case own(FeedReader<Message>)
    }

    fileprivate var source: Source
    fileprivate let check: ProgrammeCheck?

    package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
      do {
        switch source {
        case .library(var base):
          let message = try await base.next(isolation: actor)
          source = .library(base)
          if let message { try check?.check(message) }
          return message
        case .own(let reader):
          return try await reader.next()
        }
      } catch {
        throw Fault(reporting: error)
      }
    }

    package mutating func next() async throws -> Message? {
      try await next(isolation: nil)
    }
  }

  package func makeAsyncIterator() -> AsyncIterator {
    switch source {
    case .library(let base): AsyncIterator(source: .library(base.makeAsyncIterator()), check: check)
    case .own(let call, let deserialize): AsyncIterator(source: .own(FeedReader(call, deserialize)), check: check)
    }
  }
}
