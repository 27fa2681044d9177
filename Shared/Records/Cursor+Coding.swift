import Contracts

// A cursor is stored as a blob of fixed length and sent as JSON.

extension Cursor {
  /// Bytes of the stored form: stream name (24, padded with zeros), instance (u16), epoch (u64), position (u64),
  /// chain (32), then a u64 for each partition; integers little-endian.
  package static let blobByteCount = 24 + 2 + 8 + 8 + 32 + 8 * Partition.count

  package var blob: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Cursor.blobByteCount) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      bytes.store(identity.stream, at: 0)
      bytes.storeLittleEndian(identity.instance, at: 24)
      bytes.storeLittleEndian(identity.epoch, at: 26)
      bytes.storeLittleEndian(position, at: 34)
      bytes.store(chain, at: 42)
      for (index, sequence) in sequences.enumerated() {
        bytes.storeLittleEndian(sequence, at: 74 + 8 * index)
      }
      count = Cursor.blobByteCount
    }
  }

  /// Reads the stored form.
  /// - Returns: nil where the length or the stream name is wrong.
  package init?(blob: some Collection<UInt8>) {
    let copy = [UInt8](blob)
    guard copy.count == Cursor.blobByteCount else { return nil }
    let cursor: Cursor? = copy.withUnsafeBytes { bytes in
      guard let stream = bytes.streamName(at: 0) else { return nil }
      return Cursor(
        identity: StreamIdentity(
          stream: stream,
          instance: bytes.littleEndian(at: 24),
          epoch: bytes.littleEndian(at: 26)
        ),
        position: bytes.littleEndian(at: 34),
        chain: ChainHash(loading: bytes, at: 42),
        sequences: (0..<Partition.count).map { bytes.littleEndian(at: 74 + 8 * $0) }
      )
    }
    guard let cursor else { return nil }
    self = cursor
  }
}

extension Cursor: Codable {
  private enum CodingKeys: CodingKey { case stream, instance, epoch, position, chain, sequences }

  /// Partitions without records are left out; 64-bit numbers are text, because JSON numbers lose digits beyond 2^53
  /// on the way through other people's parsers.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(identity.stream, forKey: .stream)
    try container.encode(identity.instance, forKey: .instance)
    try container.encode(String(identity.epoch), forKey: .epoch)
    try container.encode(String(position), forKey: .position)
    try container.encode(chain, forKey: .chain)
    var written: [String: String] = [:]
    for (partition, sequence) in sequences.enumerated() where sequence > 0 {
      written[String(partition)] = String(sequence)
    }
    try container.encode(written, forKey: .sequences)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ text: String, _ key: CodingKeys) throws -> UInt64 {
      guard let number = UInt64(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: key,
          in: container,
          debugDescription: "'\(text)' is not a whole number of 64 bits"
        )
      }
      return number
    }
    self.init(
      startOf: StreamIdentity(
        stream: try container.decode(StreamName.self, forKey: .stream),
        instance: try container.decode(UInt16.self, forKey: .instance),
        epoch: try number(container.decode(String.self, forKey: .epoch), .epoch)
      )
    )
    position = try number(container.decode(String.self, forKey: .position), .position)
    chain = try container.decode(ChainHash.self, forKey: .chain)
    for (key, text) in try container.decode([String: String].self, forKey: .sequences) {
      guard let partition = UInt16(key).flatMap(Partition.init(_:)) else {
        throw DecodingError.dataCorruptedError(
          forKey: .sequences,
          in: container,
          debugDescription: "'\(key)' is not a partition"
        )
      }
      self[partition] = try number(text, .sequences)
    }
  }
}
