import Contracts
import Messaging
import Records
import ServiceContextModule
import Storage

/// Runs a command at most once per request id: the answer is recorded in the transaction that does the work.
struct OnceOnlyCommand {
  private let context: CallContext
  private let requestID: ID<Request>
  private let streams: [StreamName]
  private let programmes: Set<ID<Programme>>

  /// - Parameter programmes: those that the request names, all of which this instance has to own.
  init(_ context: CallContext, streams: [StreamName], programmes: Set<ID<Programme>> = []) throws(Fault) {
    guard let requestID = context.requestID else {
      throw Fault(
        .invalidArgument,
        reason: "requestIDMissing",
        "\(context.method) changes something, so it needs the metadata '\(MetadataKey.requestID)': an id of your "
          + "choice, the same one whenever this request is sent again."
      )
    }
    self.context = context
    self.requestID = requestID
    self.streams = streams
    self.programmes = programmes
  }

  /// - Parameters:
  ///   - repetition: whether the work may be run again when it was undone for another's sake.
  ///   - work: does the command and returns its answer; runs in the store's writer transaction.
  func perform(
    as repetition: Repetition = .once,
    _ work: @escaping @Sendable (Transaction) throws -> [UInt8]
  ) async throws -> CallReply<[UInt8]> {
    let method = context.method
    let streams = streams
    let requestID = requestID
    let programmes = programmes
    // The writer's thread knows nothing of this task's trace.
    let instrumentation = ServiceContext.current ?? .topLevel
    return try await context.store.write(as: repetition) { transaction in
      if let recorded = try transaction.recordedResponse(to: requestID) {
        return try RecordedReply(parsing: recorded).reply(to: method, requestID)
      }
      // In the transaction that does the work: what is fenced meanwhile is seen here.
      for programme in programmes { try transaction.ownership.require(programme) }
      let before = try streams.map { try transaction.lastPosition(of: $0) }
      let body = try ServiceContext.withValue(instrumentation) { try work(transaction) }
      var written: [StreamPosition] = []
      for (stream, position) in zip(streams, before) {
        let last = try transaction.lastPosition(of: stream)
        if last > position { written.append(StreamPosition(try transaction.identity(of: stream), last)) }
      }
      let reply = CallReply(body, positions: written.map(\.description))
      try transaction.recordResponse(
        RecordedReply(method: method, reply: reply).bytes,
        to: requestID,
        about: programmes.min().map { Partition(of: $0) }
      )
      return reply
    }
  }
}

/// An answer as it is kept for repeats: the method's name, a line feed, the positions with spaces between them, a line feed, the body.
struct RecordedReply {
  private let methodText: String
  private let reply: CallReply<[UInt8]>

  init(method: MethodName, reply: CallReply<[UInt8]>) {
    methodText = method.description
    self.reply = reply
  }

  var bytes: [UInt8] {
    Array("\(methodText)\n\(reply.positions.joined(separator: " "))\n".utf8) + reply.output
  }

  init(parsing bytes: [UInt8]) throws(Fault) {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw Fault(.dataLoss, reason: "recordedReplyUnreadable", "The answer that was kept for a repeat can't be read.")
    }
    methodText = String(decoding: parts[0], as: UTF8.self)
    let positions = String(decoding: parts[1], as: UTF8.self).split(separator: " ").map(String.init)
    reply = CallReply(Array(parts[2]), positions: positions)
  }

  /// - Throws: ALREADY_EXISTS where the id was used for another method.
  func reply(to method: MethodName, _ requestID: ID<Request>) throws(Fault) -> CallReply<[UInt8]> {
    guard methodText == method.description else {
      throw Fault(
        .alreadyExists,
        reason: "requestIDReused",
        "The request id '\(requestID)' was used for \(methodText) before; every request needs an id of its own."
      )
    }
    return reply
  }
}
