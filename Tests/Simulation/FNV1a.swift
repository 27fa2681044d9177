/// FNV-1a (Fowler, Noll, Vo; www.isthe.com/chongo/tech/comp/fnv), 64 bits: tells two histories apart, and no more.
struct FNV1a {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }

  mutating func add(_ text: String) {
    add(text.utf8)
  }
}
