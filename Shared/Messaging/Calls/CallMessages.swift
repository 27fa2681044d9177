import Contracts
import GRPCCore

/// The messages of a stream, in order; failures are thrown as `Fault`. To be iterated once: an iterator may have read
/// ahead of what it handed out.
package struct CallMessages<Message: Sendable>: AsyncSequence, Sendable {
  private enum Source: Sendable {
    case library(RPCAsyncSequence<Message, any Error>)
    /// Over our own transport, read off the call itself.
    case own(@Sendable () async throws -> MessageBatch, @Sendable ([UInt8]) throws -> Message)
  }

  private let source: Source
  private let check: ProgrammeCheck?

  /// - Parameter check: what each message has to pass.
  init(_ base: RPCAsyncSequence<Message, any Error>, _ check: ProgrammeCheck? = nil) {
    source = .library(base)
    self.check = check
  }

  /// The answers of a call over our own transport.
  init(_ call: ClientPipe, _ deserialize: @escaping @Sendable ([UInt8]) throws -> Message) {
    source = .own({ try await call.nextMessages() }, deserialize)
    check = nil
  }

  /// The requests of a call over our own transport.
  init(
    _ call: ServerPipe,
    _ check: ProgrammeCheck?,
    _ deserialize: @escaping @Sendable ([UInt8]) throws -> Message
  ) {
    source = .own({ try await call.nextMessages() }, deserialize)
    self.check = check
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate enum Source {
      case library(RPCAsyncSequence<Message, any Error>.AsyncIterator)
      case own(MessageReader<Message>)
    }

    fileprivate var source: Source
    fileprivate let check: ProgrammeCheck?

    package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
      do {
        let message: Message?
        switch source {
        case .library(var base):
          message = try await base.next(isolation: actor)
          source = .library(base)
        case .own(let reader):
          message = try await reader.next()
        }
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
    switch source {
    case .library(let base): AsyncIterator(source: .library(base.makeAsyncIterator()), check: check)
    case .own(let next, let deserialize): AsyncIterator(source: .own(MessageReader(next, deserialize)), check: check)
    }
  }
}
