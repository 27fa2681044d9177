import Testing

/// The fuzzer's decoders with their seeds: the same that `deploy/fuzz` begins with, so that what was found once is
/// looked for in every run of the tests.
@Suite struct SeedTests {
  @Test(arguments: FuzzedDecoder.all.map(\.name))
  func seedsAreTakenAndNothingIsFound(_ name: String) throws {
    let decoder = try #require(FuzzedDecoder.all.first { $0.name == name })
    var taken = 0
    for (seed, bytes) in try decoder.allSeeds() {
      do {
        if try decoder.check(bytes) { taken += 1 }
      } catch {
        Issue.record("\(name), seed \(seed): \(error)")
      }
    }
    #expect(taken > 0, "no seed of \(name) is taken, so the fuzzer would start from nothing")
  }

  /// What each seed becomes when it is cut off anywhere, or one bit of it is flipped.
  @Test(arguments: FuzzedDecoder.all.map(\.name))
  func nothingIsFoundNearTheSeeds(_ name: String) throws {
    let decoder = try #require(FuzzedDecoder.all.first { $0.name == name })
    for (seed, bytes) in try decoder.allSeeds().prefix(20) where bytes.count <= 600 {
      for index in bytes.indices {
        var flipped = bytes
        flipped[index] ^= 1 << (index % 8)
        for input in [Array(bytes[..<index]), flipped] {
          do {
            _ = try decoder.check(input)
          } catch {
            Issue.record("\(name), seed \(seed) changed at \(index): \(error)")
          }
        }
      }
    }
  }
}
