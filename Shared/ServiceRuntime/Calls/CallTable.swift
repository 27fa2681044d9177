package import Contracts
package import GRPCCore
package import Messaging
package import Storage

/// The calls that a service answers.
///
/// ```
/// calls.query(RankingAPI.opportunities) { input, context in try await context.read { … } }
/// calls.command(LoopClosureAPI.submitIdea) { input, context, transaction in … }
/// ```
/// What a handler throws reaches the caller: a `Fault` as it is, a store's error as the fault that it means, anything
/// else as INTERNAL, without details.
package struct CallTable: Sendable {
  private(set) var handlers = CallHandlers()
  private let host: CallHost

  init(_ host: CallHost) {
    self.host = host
  }

  /// Answers a question, and changes nothing. Runs beside other calls once it has begun to wait for something, as
  /// `context.read` does, and mustn't compute before that: it may be on the socket thread.
  package mutating func query<Input, Output>(
    _ method: Query<Input, Output>,
    _ answer: @escaping @Sendable (Input, CallContext) async throws -> Output
  ) {
    handlers.query(method) { [host] input, call in
      try await host.handle(call) { context in
        try await host.holdingOwnership(of: input) { try await answer(input, context) }
      }
    }
  }

  /// Changes something, in one transaction of the store's writer, once per request id.
  ///
  /// The closure runs on the writer's thread, so it must not wait for anything. Whatever it throws undoes all that
  /// it did. The answer leaves once the transaction is on disk; a repeat under the same request id gets the same
  /// bytes again without running the closure.
  package mutating func command<Input, Output>(
    _ method: Command<Input, Output>,
    _ perform: @escaping @Sendable (Input, CallContext, Transaction) throws -> Output
  ) {
    handlers.command(raw: method) { [host] input, call in
      try await host.handle(call) { context in
        let command = try OnceOnlyCommand(context, streams: host.streams, programmes: host.programmes(in: input))
        return try await command.perform { transaction in
          try MessageCoding.encode(perform(input, context, transaction))
        }
      }
    }
  }

  /// Like `command`, for one that has much to do before it needs the transaction: checking, decoding, hashing.
  ///
  /// `prepare` runs beside other calls, on every repeat again, and must not change anything; `perform` gets what it
  /// returned, on the writer's thread.
  /// - Parameter repetition: whether `perform` may be run again when it was undone for another's sake.
  package mutating func command<Input, Prepared: Sendable, Output>(
    _ method: Command<Input, Output>,
    as repetition: Repetition = .once,
    preparing prepare: @escaping @Sendable (Input, CallContext) async throws -> Prepared,
    _ perform: @escaping @Sendable (Prepared, CallContext, Transaction) throws -> Output
  ) {
    handlers.command(raw: method, beginning: .pool) { [host] input, call in
      try await host.handle(call) { context in
        let prepared = try await prepare(input, context)
        let command = try OnceOnlyCommand(context, streams: host.streams, programmes: host.programmes(in: input))
        return try await command.perform(as: repetition) { transaction in
          try MessageCoding.encode(perform(prepared, context, transaction))
        }
      }
    }
  }

  /// Answers one request with any number of messages, as fast as the caller takes them. The task is cancelled when
  /// the caller has gone; a feed without an end should also end when the service stops (`gracefulShutdown`).
  package mutating func feed<Input, Output>(
    _ method: Feed<Input, Output>,
    _ answer: @escaping @Sendable (Input, CallContext, RPCWriter<Output>) async throws -> Void
  ) {
    handlers.feed(method) { [host] input, call, writer in
      try await host.handle(call) { context in try await answer(input, context, writer) }
    }
  }

  /// Takes and gives any number of messages at once. The call ends when the closure returns.
  package mutating func exchange<Input, Output>(
    _ method: Exchange<Input, Output>,
    _ converse: @escaping @Sendable (CallMessages<Input>, CallContext, RPCWriter<Output>) async throws -> Void
  ) {
    handlers.exchange(method) { [host] messages, call, writer in
      try await host.handle(call) { context in try await converse(messages, context, writer) }
    }
  }

  /// A command that can't run inside a transaction, such as a backup. It is not remembered by request id, so it must
  /// be safe to repeat in some other way.
  mutating func commandOutsideTransaction<Input, Output>(
    _ method: Command<Input, Output>,
    _ perform: @escaping @Sendable (Input, CallContext) async throws -> Output
  ) {
    handlers.command(method, beginning: .pool) { [host] input, call in
      try await host.handle(call) { context in CallReply(try await perform(input, context)) }
    }
  }
}
