import Contracts
import Records
import ServiceRuntime
import Storage

/// In the end each partition is one instance's, nothing is on its way, and nobody holds rows of what isn't its own.
struct OwnershipChecker {
  let stores: [StoreFindings]

  func problems() -> [String] {
    var problems = stores.flatMap { store in store.strays.map { "\(store.name) holds \($0)" } }
    for service in ServiceProfile.all where service.isPartitioned {
      let members = stores.filter { $0.service == service.name }
      for partition in PartitionSet.all.partitions {
        let owners = members.filter { $0.ownership.owns(partition) }.map(\.name)
        if owners.count != 1 { problems.append("partition \(partition) of \(service.name) is owned by \(owners)") }
      }
      for store in members {
        for (partition, entry) in store.ownership.entries where [.leaving, .arriving].contains(entry.state) {
          problems.append("partition \(partition) is \(entry.state) at \(store.name)")
        }
      }
    }
    return problems
  }
}
