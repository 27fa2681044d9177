import Contracts
import Messaging
import Records

/// One publisher, one subscriber, a bad network and a forgetful sink, in virtual time, all of it out of one seed.
///
/// First a time of trouble, then calm; whoever follows must then be live and level. Every commit of the sink is
/// checked against what was published.
struct EventSimulation {
  typealias Machine = SubscriptionMachine<TestFrame>

  /// How often each misfortune strikes during the time of trouble.
  struct Faults {
    var drop = 0.0
    var duplicate = 0.0
    var reorder = 0.0
    var disconnect = 0.0
    var subscriberRestart = 0.0
    var publisherRestart = 0.0
    var pullFailure = 0.0
    var pullStall = 0.0
    var slowSink = 0.0
    var sinkRewind = 0.0
    var trim = 0.0
    var restore = 0.0

    /// Draws how bad each misfortune is in this history; often not at all, so that combinations differ.
    init(using random: inout SplitMix64) {
      func draw(_ worst: Double) -> Double {
        Bool.random(using: &random) ? 0 : Double.random(in: 0...worst, using: &random)
      }
      drop = draw(0.5)
      duplicate = draw(0.3)
      reorder = draw(0.5)
      disconnect = draw(0.03)
      subscriberRestart = draw(0.02)
      publisherRestart = draw(0.02)
      pullFailure = draw(0.5)
      pullStall = draw(0.2)
      slowSink = draw(0.5)
      sinkRewind = draw(0.05)
      trim = draw(0.02)
    }

    static let none = Faults()
    private init() {}
  }

  /// A defect planted into the machinery around the machine, which the checker has to find.
  enum Sabotage: CaseIterable {
    case loseDelivery, repeatDelivery, swapDeliveries, ignoreCredit, loseTimers, maskChains, twoPulls
  }

  enum Event {
    case deliver(Machine.Input, life: Int)
    case timer(life: Int)
    case commitNext(life: Int)
    case publish
    case trouble
    case heartbeat
    case openFeed(life: Int, connection: Int)
    case closeFeed(life: Int)
    case servePull(id: UInt64, life: Int)
    case publisherUp
  }

  var random: SplitMix64
  var faults: Faults
  let sabotage: Sabotage?
  var now = MonotonicInstant.start
  var calmFrom: MonotonicInstant
  private var agenda: [(at: MonotonicInstant, order: Int, event: Event)] = []
  private var order = 0

  var publisher: SimulatedPublisher
  var machine: Machine
  var settings = SubscriptionSettings()
  var sink = SimulatedSink()
  /// Which run of the subscriber's process it is; what was meant for an earlier one is dropped.
  var life = 0
  /// Which connection of the feed it is.
  var connection = 0
  var wantsFeed = false
  var serving: SimulatedPull?
  var lastLiveArrival = MonotonicInstant.start
  var stepsAtThisInstant = 0
  var violations: [String] = []

  init(seed: UInt64, canTrim: Bool = false, canRestore: Bool = false, sabotage: Sabotage? = nil) {
    random = SplitMix64(seed: seed)
    faults = Faults(using: &random)
    if !canTrim { faults.trim = 0 }
    faults.restore = canRestore ? 0.02 : 0
    self.sabotage = sabotage
    calmFrom = now + .seconds(20)
    settings.deliveryWindowBytes = Int.random(in: 300...20_000, using: &random)
    settings.reorderBufferBytes = Int.random(in: 200...5_000, using: &random)
    settings.takesSnapshots = canTrim
    publisher = SimulatedPublisher()
    machine = Machine(stream: .ingestion, instance: 0, settings: settings, seed: random.next())
    machine = freshMachine()
  }

  mutating func freshMachine() -> Machine {
    Machine(stream: .ingestion, instance: 0, settings: settings, seed: random.next())
  }

  // MARK: Running

  /// Plays the history to its end.
  mutating func run() {
    perform(machine.step(.started(.beginning), now: now))
    for event in [Event.publish, .trouble, .heartbeat] { schedule(event, after: .zero) }
    runUntil(calmFrom)
    faults = .none
    if !publisher.isUp { bringPublisherUp() }
    runUntil(now + .seconds(60))
    checkConvergence()
  }

  private mutating func runUntil(_ end: MonotonicInstant) {
    while violations.isEmpty, !hasEnded, let next = takeNext(before: end) {
      stepsAtThisInstant = next.at == now ? stepsAtThisInstant + 1 : 0
      if stepsAtThisInstant > 10_000 { violations.append("time stands still") }
      now = max(now, next.at)
      perform(next.event)
      checkBounds()
    }
    now = max(now, end)
  }

  var isCalm: Bool { now >= calmFrom }
  var hasEnded: Bool {
    if case .failed = machine.phase { true } else { false }
  }

  mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }

  mutating func delay(_ range: ClosedRange<Int>) -> Duration {
    .microseconds(Int.random(in: range, using: &random))
  }

  mutating func schedule(_ event: Event, after span: Duration) {
    schedule(event, at: now + span)
  }

  mutating func schedule(_ event: Event, at instant: MonotonicInstant) {
    order += 1
    let entry = (at: max(instant, now), order: order, event: event)
    let index = agenda.firstIndex { ($0.at, $0.order) < (entry.at, entry.order) } ?? agenda.endIndex
    agenda.insert(entry, at: index)
  }

  /// The agenda is kept latest first.
  private mutating func takeNext(before end: MonotonicInstant) -> (at: MonotonicInstant, order: Int, event: Event)? {
    guard let next = agenda.last, next.at <= end else { return nil }
    agenda.removeLast()
    return next
  }

  // MARK: The subscriber

  mutating func feed(_ input: Machine.Input) {
    perform(machine.step(input, now: now))
  }

  private mutating func perform(_ effects: [Machine.Effect]) {
    for effect in effects {
      switch effect {
      case .subscribe: subscribe()
      case .unsubscribe: schedule(.closeFeed(life: life), after: delay(100...2000))
      case .pull(let request): startPull(request)
      case .grant(let id, let bytes): grant(id, bytes)
      case .cancelPull(let id): if serving?.request.id == id { serving = nil }
      case .apply(let slices): enqueue(slices)
      case .takeSnapshot: enqueueSnapshot()
      case .fail: break
      }
    }
    if let wakeUp = machine.wakeUp, sabotage != .loseTimers { schedule(.timer(life: life), at: wakeUp) }
  }

  private mutating func perform(_ event: Event) {
    switch event {
    case .deliver(let input, let life): if life == self.life { feed(input) }
    case .timer(let life):
      if life == self.life, let wakeUp = machine.wakeUp, wakeUp <= now { feed(.timer) }
    case .commitNext(let life): if life == self.life { commitNext() }
    case .publish: publish()
    case .trouble: makeTrouble()
    case .heartbeat: sendHeartbeat()
    case .openFeed(let life, let connection):
      if life == self.life, connection == self.connection { openFeed() }
    case .closeFeed(let life): if life == self.life { publisher.isFeeding = false }
    case .servePull(let id, let life): if life == self.life { servePull(id) }
    case .publisherUp: bringPublisherUp()
    }
  }

  /// The subscriber's process dies and comes back with what its store holds.
  mutating func restartSubscriber() {
    life += 1
    connection += 1
    publisher.isFeeding = false
    wantsFeed = false
    serving = nil
    sink.forgetQueue()
    machine = freshMachine()
    feed(.started(sink.start))
  }

  // MARK: Checks

  private mutating func checkBounds() {
    let window = settings.deliveryWindowBytes + settings.reorderBufferBytes + 2 * SimulatedPublisher.mostFrameBytes
    if sink.queuedBytes > window { violations.append("\(sink.queuedBytes) bytes queue before the sink") }
    violations += sink.violations
  }

  private mutating func checkConvergence() {
    let applied = sink.applied
    guard publisher.lineages.contains(where: { $0.starts(with: applied, by: sink.matches) }) else {
      violations.append("the sink holds a mixture of histories")
      return
    }
    if case .failed(let failure) = machine.phase {
      if publisher.lineages.count == 1 { violations.append("ended without cause: \(failure)") }
      return
    }
    if machine.phase != .live { violations.append("not live but \(machine.phase) at the end") }
    if machine.lagRecords > 0 { violations.append("lags by \(machine.lagRecords) at the end") }
    guard applied.count == publisher.contents.count, machine.appliedPosition == publisher.history.head.position else {
      violations.append("applied \(applied.count) of \(publisher.contents.count) records")
      return
    }
  }
}
