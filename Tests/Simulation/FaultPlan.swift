import Messaging

/// How often each misfortune strikes in a history, drawn from its seed: often not at all, so that combinations differ.
struct FaultPlan {
  // Of each message of the live feed.
  var drop = 0.0
  var duplicate = 0.0
  var reorder = 0.0
  // Of each request, reply and batch of a journal's reading.
  var loss = 0.0
  /// Of each commit of a consumer.
  var slowness = 0.0
  // Some ten times a second.
  var disconnect = 0.0
  var partition = 0.0
  /// A process ends; what it had written stays.
  var kill = 0.0
  /// A machine loses power between two steps.
  var powerCut = 0.0
  /// A machine loses power in the middle of a commit or a checkpoint.
  var powerCutWhileWriting = 0.0
  var fullDisk = 0.0
  var failedSync = 0.0
  var clockJump = 0.0
  /// Of each call of an operator's program that moves partitions: it ends before it.
  var interruption = 0.0
  /// A store is checked in whole, which is no misfortune, but may meet one.
  var integrityCheck = 0.0
  /// Whether one service is restored from an older backup.
  var restores = false
  /// Whether journals are trimmed of what everyone has.
  var trims = false

  static let none = FaultPlan()

  /// Whether anything can go wrong that isn't over by itself.
  private(set) var isAny = false

  private init() {}

  init(using random: inout SplitMix64) {
    func draw(_ worst: Double) -> Double {
      Bool.random(using: &random) ? 0 : Double.random(in: 0...worst, using: &random)
    }
    isAny = true
    drop = draw(0.4)
    duplicate = draw(0.3)
    reorder = draw(0.4)
    loss = draw(0.25)
    slowness = draw(0.5)
    disconnect = draw(0.1)
    partition = draw(0.08)
    kill = draw(0.06)
    powerCut = draw(0.06)
    powerCutWhileWriting = draw(0.08)
    fullDisk = draw(0.04)
    failedSync = draw(0.04)
    clockJump = draw(0.04)
    interruption = draw(0.15)
    restores = Int.random(in: 0..<5, using: &random) == 0
    integrityCheck = draw(0.06)
    trims = Int.random(in: 0..<4, using: &random) == 0
  }
}
