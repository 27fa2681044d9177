import GRPCCore

/// Messages of a call that have come, and how it ends where that is known.
struct MessageBatch: Sendable {
  var messages: [[UInt8]] = []
  /// What follows the last of the messages; nil while there may be more.
  var ending: Result<Void, RPCError>?

  /// As many as are taken from a call at once, so that a few small messages share the work, and no more than one big
  /// one lies outside the transport's bounds.
  static let mostParts = 32
  static let mostBytes = 64 * 1024
}

/// Reads the messages of a stream off its call, several at a time where several have come.
final class MessageReader<Message: Sendable> {
  private let nextBatch: @Sendable () async throws -> MessageBatch
  private let deserialize: @Sendable ([UInt8]) throws -> Message
  private var batch = MessageBatch()
  private var taken = 0

  init(
    _ nextBatch: @escaping @Sendable () async throws -> MessageBatch,
    _ deserialize: @escaping @Sendable ([UInt8]) throws -> Message
  ) {
    self.nextBatch = nextBatch
    self.deserialize = deserialize
  }

  /// The next message; nil after the last.
  /// - Throws: `RPCError` with the reason why there are no more, CANCELLED at once where the task has been, or what
  ///   `deserialize` throws.
  nonisolated(nonsending) func next() async throws -> Message? {
    while taken == batch.messages.count {
      if let ending = batch.ending {
        try ending.get()
        return nil
      }
      batch = try await nextBatch()
      taken = 0
    }
    if Task.isCancelled { throw RPCError.cancelled }
    defer { taken += 1 }
    return try deserialize(batch.messages[taken])
  }
}
