import Contracts
package import ServiceRuntime
import Storage

/// Ingestion: takes what customers say from every source, makes one canonical record of it, and passes it on.
package enum Ingestion {
  static let customerKey = Setting<String?>.optionalText(
    "customer-key",
    isSecret: true,
    "Key of the hash that stands for customers, the same on all instances; made and kept in the store where not given."
  ) { key throws(SettingProblem) in
    guard key.utf8.count >= ReferenceKey.byteCount else {
      throw SettingProblem("must have at least \(ReferenceKey.byteCount) bytes")
    }
  }

  package static let definition = ServiceDefinition(
    .ingestion,
    settings: [
      customerKey, IntakeLimits.bodyBytesSetting, IntakeLimits.batchEventsSetting, IntakeLimits.requestsSetting,
    ]
  ) { settings in
    blueprint(customerKey: settings[customerKey], limits: IntakeLimits(settings))
  }

  /// - Parameter customerKey: nil for one that is made at the first start and kept.
  package static func blueprint(customerKey: String?, limits: IntakeLimits) -> ServiceBlueprint {
    let desk = IntakeDesk()
    return ServiceBlueprint(
      migrations: IngestionSchema.migrations,
      snapshots: [SnapshotOffer(of: .ingestion) { FeedbackSnapshot() }],
      consumers: [DirectoryConsumer.consumer(desk.directory)],
      calls: { calls in
        IntakeCalls(desk: desk).add(to: &calls)
        FeedbackCalls.add(to: &calls)
      },
      timers: [
        ServiceTimer(every: .seconds(5), "eraseDue") { transaction, _ in try Erasure(transaction).eraseDue() }
      ],
      prepare: { transaction in
        desk.use(try SecretRows.referenceKey(configured: customerKey, in: transaction.database))
      },
      http: { resources in HTTPIntake(desk: desk, limits: limits, resources: resources).routes },
      background: { resources in [SilenceWatch(resources: resources)] }
    )
  }
}
