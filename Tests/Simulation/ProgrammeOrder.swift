import Contracts
import Records
import Storage
import TestSupport

/// The order of a programme's records over the journals of instances that hand it to each other: by the epoch under
/// which they were written, as the first record of each new owner says, then by their place.
struct ProgrammeOrder {
  struct Place: Comparable, CustomStringConvertible {
    let source: Ownership.Upstream
    let epoch: UInt64
    let position: UInt64

    var description: String { "\(source)/\(position), epoch \(epoch)" }

    static func < (one: Self, other: Self) -> Bool { (one.epoch, one.position) < (other.epoch, other.position) }
  }

  private struct Adoption {
    let programme: String
    let position: UInt64
    let epoch: UInt64
  }

  private var adoptions: [Ownership.Upstream: [Adoption]] = [:]

  init(_ stores: [StoreFindings]) {
    for store in stores {
      for (stream, records) in store.journals.records {
        let source = Ownership.Upstream(stream: stream, instance: store.instance)
        for record in records where record.type == ProgrammeAdopted.type {
          guard let adopted = try? record.decode(ProgrammeAdopted.self) else { continue }
          adoptions[source, default: []].append(
            Adoption(programme: record.programme.rawValue, position: record.position, epoch: adopted.epoch)
          )
        }
      }
    }
  }

  /// - Returns: nil for the run of a timer.
  func place(of entry: AppliedLedger.Entry) -> Place? {
    entry.source.map { place(of: entry.position, in: $0, programme: entry.programme) }
  }

  func place(of position: UInt64, in source: Ownership.Upstream, programme: String) -> Place {
    let epoch = adoptions[source, default: []].last { $0.programme == programme && $0.position <= position }?.epoch
    return Place(source: source, epoch: epoch ?? 0, position: position)
  }
}
