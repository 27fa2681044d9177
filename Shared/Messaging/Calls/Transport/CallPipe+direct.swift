import Contracts
import GRPCCore

// What calls carry, read off the call itself.

extension CallPipe<ClientCallMachine> {
  /// The one answer.
  /// - Throws: `RPCError` with the status of a call that failed, or INTERNAL for an answer that isn't one.
  func reply() async throws -> CallReply<[UInt8]> {
    var output: [UInt8]?
    while let part = try await next() {
      switch part {
      case .metadata: break
      case .message(let message):
        guard output == nil else { throw RPCError.answers("more than one") }
        output = message
      case .status(let status, let metadata):
        if let code = RPCError.Code(status.code) {
          throw RPCError(code: code, message: status.message, metadata: metadata)
        }
        guard let output else { throw RPCError.answers("no") }
        return CallReply(output, positions: Array(metadata[stringValues: MetadataKey.position]))
      }
    }
    throw RPCError.answers("no status and no")
  }

  /// The next messages of an answer.
  /// - Throws: `RPCError` for a call that this side has ended.
  func nextMessages() async throws -> MessageBatch {
    var batch = MessageBatch()
    let parts = try await next(atMost: MessageBatch.mostParts, bytes: MessageBatch.mostBytes)
    for part in parts {
      switch part {
      case .metadata: break
      case .message(let message): batch.messages.append(message)
      case .status(let status, let metadata):
        let code = RPCError.Code(status.code)
        batch.ending =
          if let code { .failure(RPCError(code: code, message: status.message, metadata: metadata)) } else {
            .success(())
          }
      }
    }
    // A call that ended without a status has failed; one that has nothing left was read to its end before.
    if parts.isEmpty { batch.ending = .success(()) }
    return batch
  }
}

extension CallPipe<ServerCallMachine> {
  /// The next messages of a request.
  /// - Throws: `RPCError` for a call that has ended meanwhile.
  func nextMessages() async throws -> MessageBatch {
    var batch = MessageBatch()
    let parts = try await next(atMost: MessageBatch.mostParts, bytes: MessageBatch.mostBytes)
    for part in parts { if case .message(let message) = part { batch.messages.append(message) } }
    if parts.isEmpty { batch.ending = .success(()) }
    return batch
  }

  /// What came before the request.
  func requestMetadata() async throws -> Metadata {
    guard case .metadata(let metadata) = try await next() else { throw RPCError.cancelled }
    return metadata
  }

  /// The one request.
  /// - Throws: `Fault` INVALID_ARGUMENT for none or several, `RPCError` for a call that has ended meanwhile.
  func request() async throws -> [UInt8] {
    guard case .message(let request) = try await next() else { throw Fault.missingRequest }
    guard try await next() == nil else { throw Fault.tooManyRequests }
    return request
  }
}

extension RPCError {
  fileprivate static func answers(_ count: String) -> RPCError {
    RPCError(code: .internalError, message: "the service gave \(count) answer to a call that has one")
  }
}

extension Fault {
  static let missingRequest = Fault(
    .invalidArgument,
    reason: "missingRequest",
    "the call ended without a request message"
  )
  static let tooManyRequests = Fault(
    .invalidArgument,
    reason: "tooManyRequests",
    "the method takes one request message"
  )
}
