package import Contracts
import GRPCCore
package import Records

// `journal.v1` on both sides of a call.

extension CallHandlers {
  /// Answers `journal.v1` with a service's journals.
  package mutating func journal(_ service: JournalService) {
    feed(raw: JournalAPI.read) { request, call, writer in
      let place = try JournalPlace(request)
      let follow = request.follow
      let maximum = request.maximumRecords
      try await service.read(
        place,
        follow: follow,
        maximumRecords: maximum,
        for: call.journalPrincipal,
        by: call.caller
      ) { message in try await service.write(message, to: writer) }
    }
    feed(raw: JournalAPI.snapshot) { request, call, writer in
      try await service.snapshot(
        of: request.stream,
        instance: request.instance,
        for: call.journalPrincipal,
        by: call.caller
      ) { message in try await service.write(message, to: writer) }
    }
    query(JournalAPI.heads) { _, call in
      JournalHeads(heads: service.heads(for: call.journalPrincipal, by: call.caller).map(JournalHead.init))
    }
  }
}

extension JournalService {
  fileprivate func write(_ message: Message, to writer: RPCWriter<[UInt8]>) async throws {
    switch message {
    case .frames(let frames): try await writer.write(contentsOf: frames.lazy.map(\.bytes))
    case .head(let head): try await writer.write(head.encoded(as: .heartbeat, at: wallTime()))
    }
  }
}

extension ServerCall {
  /// On whose behalf a journal is read. Whoever doesn't say who it is gets a name that no allow-list holds.
  fileprivate var journalPrincipal: Principal { principal ?? Principal(role: .program, name: "anonymous") }
}

/// Reads another service's journals by calls.
package struct CallJournalSource: JournalSource {
  /// Frames are handed over once so many bytes have come, or when the head was reached.
  private static let batchBytes = 256 << 10
  /// Enough for the publisher to read, the network to carry and this side to check at the same time: with the usual
  /// window of 256 KiB, three or four frames, they took turns.
  private static let window = StreamCredit(messages: 256, bytes: 4 << 20)

  private let client: CallClient

  package init(_ client: CallClient) {
    self.client = client
  }

  package func read(
    _ place: JournalPlace,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await read(JournalAPI.read, JournalReadRequest(place), as: .records, receive)
  }

  package func snapshot(
    of stream: StreamName,
    instance: UInt16,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    let request = JournalSnapshotRequest(stream: stream, instance: instance)
    return try await read(JournalAPI.snapshot, request, as: .snapshot, receive)
  }

  private func read<Request>(
    _ method: Feed<Request, [UInt8]>,
    _ request: Request,
    as kind: FrameKind,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    var settings = CallSettings.endless
    settings.window = CallJournalSource.window
    return try await client.feed(raw: method, request, settings) { messages in
      var batch: [RecordFrame] = []
      var byteCount = 0
      func handOver() async throws {
        let frames = batch
        (batch, byteCount) = ([], 0)
        if !frames.isEmpty { try await receive(frames) }
      }
      do {
        for try await message in messages {
          switch try LiveMessage(fromJournal: message, as: kind) {
          case .frame(let frame):
            batch.append(frame)
            byteCount += frame.bytes.count
            if byteCount >= CallJournalSource.batchBytes { try await handOver() }
          case .head(let head):
            try await handOver()
            return head
          }
        }
      } catch {
        // What came before the failure is sound, and needn't come again.
        try await handOver()
        throw error
      }
      throw Fault(.dataLoss, reason: "pullIncomplete", "The journal ended without saying at which head.")
    }
  }

  package func heads() async throws -> [HeadVector] {
    try await client.call(JournalAPI.heads, JournalHeadsRequest()).heads.map(HeadVector.init)
  }
}

extension LiveMessage {
  fileprivate init(fromJournal bytes: [UInt8], as kind: FrameKind) throws(Fault) {
    do throws(Records.FrameError) {
      try self.init(bytes, as: kind)
    } catch {
      throw Fault(.dataLoss, reason: "damagedFrame", "The journal answered with a damaged frame: \(error).")
    }
  }
}

// MARK: Their form in Contracts

extension JournalPlace {
  /// - Throws: `Fault` INVALID_ARGUMENT with the field that is malformed.
  package init(_ request: JournalReadRequest) throws(Fault) {
    func malformed(_ field: String, _ why: String) -> Fault {
      Fault(.invalidArgument, reason: "malformedPlace", "'\(field)' is malformed: \(why)", field: field)
    }
    guard let position = UInt64(request.after) else {
      throw malformed("after", "a position is a decimal number of 64 bits, as text")
    }
    var epoch: UInt64?
    if let text = request.epoch {
      epoch = UInt64(text)
      guard epoch != nil else { throw malformed("epoch", "an epoch is a decimal number of 64 bits, as text") }
    }
    var chain: ChainHash?
    if let text = request.chain {
      chain = ChainHash(text)
      guard chain != nil else { throw malformed("chain", "a chain hash is 64 lower-case hexadecimal digits") }
    }
    guard request.maximumRecords.map({ $0 > 0 }) ?? true else {
      throw malformed("maximumRecords", "it is at least 1")
    }
    self.init(
      stream: request.stream,
      instance: request.instance,
      epoch: epoch,
      after: HistoryMark(position: position, chain: chain)
    )
  }
}

extension JournalReadRequest {
  package init(_ place: JournalPlace) {
    self.init(
      stream: place.stream,
      instance: place.instance,
      epoch: place.epoch.map { String($0) },
      after: String(place.after.position),
      chain: place.after.chain?.description
    )
  }
}

extension JournalHead {
  package init(_ head: HeadVector) {
    var sequences: [String: String] = [:]
    for (partition, sequence) in head.sequences.enumerated() where sequence > 0 {
      sequences[String(partition)] = String(sequence)
    }
    self.init(
      stream: head.identity.stream,
      instance: head.identity.instance,
      epoch: String(head.identity.epoch),
      position: String(head.position),
      chain: head.chain.description,
      sequences: sequences
    )
  }
}

extension HeadVector {
  /// - Throws: `Fault` DATA_LOSS for a head that no publisher of ours would send.
  package init(_ head: JournalHead) throws(Fault) {
    guard let epoch = UInt64(head.epoch), let position = UInt64(head.position), let chain = ChainHash(head.chain) else {
      throw Fault(.dataLoss, reason: "malformedHead", "The head of \(head.stream) can't be read.")
    }
    self.init(startOf: StreamIdentity(stream: head.stream, instance: head.instance, epoch: epoch))
    self.position = position
    self.chain = chain
    for (key, text) in head.sequences {
      guard let partition = UInt16(key).flatMap(Partition.init(_:)), let sequence = UInt64(text) else {
        throw Fault(.dataLoss, reason: "malformedHead", "A sequence of \(head.stream) can't be read.")
      }
      self[partition] = sequence
    }
  }
}
