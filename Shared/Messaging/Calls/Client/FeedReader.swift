import GRPCCore

/// Reads a feed off its call, several messages at a time where several have come.
final class FeedReader<Message: Sendable> {
  /// Taken from the call at once. What has been taken has been paid for with credit, so the call's window bounds it, too.
  private static var mostParts: Int { 32 }

  private let call: ClientPipe
  private let deserialize: @Sendable ([UInt8]) throws -> Message
  private var parts: [RPCResponsePart<[UInt8]>] = []
  private var taken = 0
  private var isOver = false

  init(_ call: ClientPipe, _ deserialize: @escaping @Sendable ([UInt8]) throws -> Message) {
    self.call = call
    self.deserialize = deserialize
  }

  /// The next message; nil after the last.
  /// - Throws: `RPCError` with the status of a call that failed, or what `deserialize` throws.
  nonisolated(nonsending) func next() async throws -> Message? {
    while !isOver {
      if taken == parts.count {
        parts = try await call.next(atMost: FeedReader.mostParts)
        taken = 0
        guard !parts.isEmpty else { break }
      }
      defer { taken += 1 }
      switch parts[taken] {
      case .metadata: continue
      case .message(let bytes): return try deserialize(bytes)
      case .status(let status, let metadata):
        isOver = true
        if let code = RPCError.Code(status.code) {
          throw RPCError(code: code, message: status.message, metadata: metadata)
        }
      }
    }
    guard isOver else { throw RPCError(code: .internalError, message: "the feed ended without a status") }
    return nil
  }
}
