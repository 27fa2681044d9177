package import Contracts
import Messaging
import ServiceRuntime

/// Moves partitions from one instance of a service to another, or takes an unfinished move back.
///
/// Each step is asked for until it is done or the time is up: instances may be restarted in between. A move that was
/// broken off goes on where it was when it is begun again.
package struct PartitionMove: Sendable {
  private let surroundings: any MoveSurroundings
  private let source: ServiceMember
  private let target: ServiceMember
  private let partitions: PartitionSet
  private let without: [String]
  private let limit: Duration

  /// Several rounds of cursor reports.
  private static let followerPatience = Duration.seconds(10)

  /// - Parameters:
  ///   - source: the instance that owns the partitions, or has begun to give them away.
  ///   - without: followers of the old owner that are gone for good, and need not follow the new one.
  ///   - limit: how long it may take.
  package init(
    of partitions: PartitionSet,
    from source: ServiceMember,
    to target: ServiceMember,
    in surroundings: any MoveSurroundings,
    without: [String] = [],
    limit: Duration
  ) {
    self.partitions = partitions
    self.source = source
    self.target = target
    self.surroundings = surroundings
    self.without = without
    self.limit = limit
  }

  /// - Returns: what was moved; partitions that are there already are counted, too.
  package func run(_ progress: (String) -> Void) async throws -> MoveReport {
    try await check()
    var released: [ReleasedPartition] = []
    for (epoch, partitions) in try await left() {
      let request = ReleasePartitions(partitions: partitions, to: UInt16(target.instance), epoch: epoch)
      released += try await step("fence") {
        try await surroundings.call(source) { [settings] client in
          try await client.call(OperationsAPI.releasePartitions, request, settings)
        }
      }.released
    }
    var report = MoveReport(
      service: source.service.name,
      partitions: partitions,
      from: source.instance,
      to: target.instance
    )
    for released in released {
      report.rows += try await deliver(released)
      let step = PartitionStep(
        partition: released.partition,
        epoch: released.epoch,
        peer: UInt16(source.instance)
      )
      _ = try await self.step("adopt") {
        try await surroundings.call(target) { [settings] client in
          try await client.call(OperationsAPI.adoptPartition, step, settings)
        }
      }
      _ = try await self.step("complete") {
        let step = PartitionStep(partition: step.partition, epoch: step.epoch, peer: UInt16(target.instance))
        return try await surroundings.call(source) { [settings] client in
          try await client.call(OperationsAPI.completeMove, step, settings)
        }
      }
      progress("partition \(released.partition) is instance \(target.instance)'s")
    }
    return report
  }

  /// Takes back what hasn't been adopted: rejected by the one, reclaimed by the other.
  package func undo() async throws -> MoveReport {
    try checkAddresses()
    let claims = try await status(of: source).ownership ?? []
    var report = MoveReport(
      service: source.service.name,
      partitions: .none,
      from: target.instance,
      to: source.instance
    )
    for claim in claims where claim.state == .leaving && claim.peer == UInt16(target.instance) {
      for partition in claim.partitions.partitions where partitions.contains(partition) {
        _ = try await step("reject") {
          let step = PartitionStep(partition: partition.rawValue, epoch: claim.epoch, peer: UInt16(source.instance))
          return try await surroundings.call(target) { [settings] client in
            try await client.call(OperationsAPI.rejectParcel, step, settings)
          }
        }
        _ = try await step("reclaim") {
          let step = PartitionStep(partition: partition.rawValue, epoch: claim.epoch, peer: UInt16(target.instance))
          return try await surroundings.call(source) { [settings] client in
            try await client.call(OperationsAPI.reclaimPartition, step, settings)
          }
        }
        report.partitions.insert(partition)
      }
    }
    return report
  }

  // MARK: Steps

  /// Sends a partition's rows, page by page, from where the target says it is.
  private func deliver(_ released: ReleasedPartition) async throws -> Int {
    var rows = 0
    var request = ParcelRequest(partition: released.partition)
    while true {
      let asked = request
      let page = try await step("read") {
        try await surroundings.call(source) { [settings] client in
          try await client.call(OperationsAPI.parcel, asked, settings)
        }
      }
      let receipt = try await step("deliver") {
        let parcel = DeliverParcel(from: UInt16(source.instance), page: page)
        return try await surroundings.call(target) { [settings] client in
          try await client.call(OperationsAPI.deliverParcel, parcel, settings)
        }
      }
      rows += page.rows.count
      if receipt.isComplete { return rows }
      request.after = receipt.place
    }
  }

  private func step<Value: Sendable>(_ name: String, _ work: () async throws -> Value) async throws -> Value {
    while true {
      do {
        return try await work()
      } catch let fault as Fault where isPassing(fault) {
        guard surroundings.elapsed < limit else {
          throw Fault(
            fault.code,
            reason: fault.reason,
            """
            The step '\(name)' was not done in time: \(fault.message) Begin the move again to go on, or take it back \
            with --undo.
            """
          )
        }
        try await surroundings.pause()
      }
    }
  }

  private func isPassing(_ fault: Fault) -> Bool {
    [.unavailable, .deadlineExceeded, .resourceExhausted].contains(fault.code)
  }

  private var settings: CallSettings {
    var settings = CallSettings(timeout: .seconds(60))
    settings.retries = false
    return settings
  }

  // MARK: Checks

  private func status(of member: ServiceMember) async throws -> ServiceStatus {
    let status = try await step("ask") {
      var settings = CallSettings(timeout: .seconds(5))
      settings.retries = false
      let asking = settings
      return try await surroundings.call(member) { client in
        try await client.call(OperationsAPI.status, StatusRequest(), asking)
      }
    }
    guard Int(status.instance) == member.instance else {
      throw Fault(
        .failedPrecondition,
        reason: "instanceMismatch",
        """
        At the address of instance \(member.instance) of \(member.service.name) instance \(status.instance) answers: \
        name every instance with --peer, instance 0 first.
        """
      )
    }
    return status
  }

  /// Refuses before anything is fenced what could not be finished.
  private func check() async throws {
    try checkAddresses()
    let (old, new) = try await statusesOnceFollowed()
    guard old.version == new.version else {
      throw Fault(
        .failedPrecondition,
        reason: "versionsDiffer",
        "Instance \(source.instance) is version \(old.version), instance \(target.instance) is \(new.version)."
      )
    }
    let theirs = PartitionSet(
      (old.ownership ?? [])
        .filter { $0.state == .owned || isOnItsWay($0, to: target) || isThere($0, new) }
        .flatMap(\.partitions.partitions)
    )
    let others = partitions.subtracting(theirs)
    guard others.isEmpty else {
      throw Fault(
        .failedPrecondition,
        reason: "partitionElsewhere",
        "Instance \(source.instance) of \(source.service.name) doesn't own \(others): see groundswell status."
      )
    }
  }

  /// An instance that isn't known here can't be waited for.
  private func checkAddresses() throws(Fault) {
    let count = surroundings.count(of: source.service)
    guard let unknown = [source, target].first(where: { !(0..<count).contains($0.instance) }) else { return }
    throw Fault(
      .invalidArgument,
      reason: "unknownInstance",
      """
      \(source.service.name) has \(count) instance(s) here, and no instance \(unknown.instance): name every instance \
      with --peer, instance 0 first.
      """
    )
  }

  /// Who follows the old owner must hear the new one, too, or it would miss what comes next. After a start, followers
  /// report within seconds.
  private func statusesOnceFollowed() async throws -> (old: ServiceStatus, new: ServiceStatus) {
    let patience = min(limit, surroundings.elapsed + Self.followerPatience)
    while true {
      let (old, new) = (try await status(of: source), try await status(of: target))
      let expected = Set((old.followers ?? []).map(\.follower)).subtracting(without)
      let missing = expected.subtracting((new.followers ?? []).map(\.follower))
      if missing.isEmpty { return (old, new) }
      guard surroundings.elapsed < patience else {
        throw Fault(
          .failedPrecondition,
          reason: "followersMissing",
          """
          \(missing.sorted().joined(separator: ", ")) follow instance \(source.instance) and have never reported to \
          instance \(target.instance): name that one there with --upstream and restart them, or say --without for \
          those that are gone for good.
          """
        )
      }
      try await surroundings.pause()
    }
  }

  private func isOnItsWay(_ claim: PartitionOwnership, to member: ServiceMember) -> Bool {
    claim.state == .leaving && claim.peer == UInt16(member.instance)
  }

  /// Moved there before: nothing is left to do.
  private func isThere(_ claim: PartitionOwnership, _ new: ServiceStatus) -> Bool {
    claim.state == .moved && claim.peer == UInt16(target.instance)
  }

  /// What the source has yet to give away, by the epoch under which the target is to own it.
  private func left() async throws -> [(epoch: UInt64, partitions: PartitionSet)] {
    var left: [UInt64: PartitionSet] = [:]
    for claim in try await status(of: source).ownership ?? [] {
      guard claim.state == .owned || isOnItsWay(claim, to: target) else { continue }
      let epoch = claim.state == .owned ? claim.epoch + 1 : claim.epoch
      for partition in claim.partitions.partitions where partitions.contains(partition) {
        left[epoch, default: .none].insert(partition)
      }
    }
    guard !left.isEmpty else {
      throw Fault(
        .alreadyExists,
        reason: "nothingLeft",
        "Instance \(target.instance) of \(source.service.name) owns \(partitions) already."
      )
    }
    return left.sorted { $0.key < $1.key }.map { (epoch: $0.key, partitions: $0.value) }
  }
}

/// What `move` has done, as scripts see it.
package struct MoveReport: Codable, Sendable {
  package var service: String
  package var partitions: PartitionSet
  package var from: Int
  package var to: Int
  package var rows = 0

  var text: String {
    partitions.isEmpty
      ? "nothing was on its way"
      : "\(service): partitions \(partitions) moved from instance \(from) to \(to), \(rows) rows"
  }
}
