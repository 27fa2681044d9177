import Contracts

/// Names of programmes whose partitions lie in a range.
package func programmes(inPartitions range: ClosedRange<UInt16>, count: Int) -> [String] {
  var found: [String] = []
  var number = 0
  while found.count < count {
    let name = "shop-\(number)"
    if range.contains(Partition(of: ID(name)).rawValue) { found.append(name) }
    number += 1
  }
  return found
}
