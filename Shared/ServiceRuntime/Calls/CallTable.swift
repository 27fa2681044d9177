package import Contracts
import GRPCCore
package import Storage

/// The calls that a service answers.
///
/// ```
/// calls.query(RankingAPI.opportunities) { input, context in try await context.read { … } }
/// calls.command(LoopClosureAPI.submitIdea) { input, context, transaction in … }
/// ```
/// What a handler throws reaches the caller: a `Fault` as it is, anything else as INTERNAL, without details.
package struct CallTable: Sendable {
  var entries: [MethodName: CallEntry] = [:]

  package init() {}

  /// Answers a question. Runs beside other calls, and changes nothing.
  package mutating func query<Input, Output>(
    _ method: Query<Input, Output>,
    _ answer: @escaping @Sendable (Input, CallContext) async throws -> Output
  ) {
    add(
      CallEntry(method) { body, context in
        let output = try await answer(MessageCoding.decode(Input.self, from: body), context)
        return CallReply(body: try MessageCoding.encode(output))
      }
    )
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
    add(
      CallEntry(method) { body, context in
        let input = try MessageCoding.decode(Input.self, from: body)
        return try await OnceOnlyCommand(context).perform { transaction in
          try MessageCoding.encode(perform(input, context, transaction))
        }
      }
    )
  }

  /// Answers one request with any number of messages, as fast as the caller takes them.
  package mutating func feed<Input, Output>(
    _ method: Feed<Input, Output>,
    _ answer: @escaping @Sendable (Input, CallContext, ReplyWriter<Output>) async throws -> Void
  ) {
    add(
      CallEntry(method) { bodies, context, writer in
        var iterator = bodies.makeAsyncIterator()
        guard let body = try await iterator.next() else {
          throw Fault(.invalidArgument, reason: "missingRequest", "\(method.name) takes one request; none came.")
        }
        try await answer(MessageCoding.decode(Input.self, from: body), context, ReplyWriter(writer))
      }
    )
  }

  /// Takes and gives any number of messages at once. The call ends when the closure returns.
  package mutating func exchange<Input, Output>(
    _ method: Exchange<Input, Output>,
    _ converse: @escaping @Sendable (RequestMessages<Input>, CallContext, ReplyWriter<Output>) async throws -> Void
  ) {
    add(
      CallEntry(method) { bodies, context, writer in
        try await converse(RequestMessages(bodies), context, ReplyWriter(writer))
      }
    )
  }

  /// A command that can't run inside a transaction, such as a backup. It is not remembered by request id, so it must
  /// be safe to repeat in some other way.
  mutating func commandOutsideTransaction<Input, Output>(
    _ method: Command<Input, Output>,
    _ perform: @escaping @Sendable (Input, CallContext) async throws -> Output
  ) {
    add(
      CallEntry(method) { body, context in
        let output = try await perform(MessageCoding.decode(Input.self, from: body), context)
        return CallReply(body: try MessageCoding.encode(output))
      }
    )
  }

  mutating func add(_ entry: CallEntry) {
    precondition(entries[entry.name] == nil, "\(entry.name) is answered twice")
    entries[entry.name] = entry
  }
}
