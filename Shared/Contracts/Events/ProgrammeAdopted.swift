/// The first record of a programme that an instance writes after it has taken the programme over from another one.
///
/// It stands in each stream of the service, so that whoever follows keeps the order: what comes after it in this
/// instance's stream is applied once everything up to `after` is, which is in the former owner's stream.
public struct ProgrammeAdopted: Codable, Hashable, Sendable {
  public static let type = EventType("programme.adopted")
  public static let schemaVersion: UInt16 = 1

  public var programme: ID<Programme>
  /// Epoch of the ownership, which grows with each change of owner.
  public var epoch: UInt64
  /// `stream/instance/epoch/position`: where the former owner's stream ended for this programme.
  public var after: String

  public init(programme: ID<Programme>, epoch: UInt64, after: String) {
    self.programme = programme
    self.epoch = epoch
    self.after = after
  }
}
