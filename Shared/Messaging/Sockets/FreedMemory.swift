import CZeroMQ

/// What the process does with memory that it has freed.
enum FreedMemory {
  /// A few frames of the largest that are usual, for each heap that threads share: glibc makes eight for each core at
  /// most, and no more than there are threads.
  private static let keptBytes: Int32 = 8 << 20
  /// What is larger comes from the kernel and goes back to it.
  private static let heapBytes: Int32 = 1 << 20

  /// Once; threads that run already heed it from what they free next.
  private static let isKept = mallopt(M_TRIM_THRESHOLD, keptBytes) == 1 && mallopt(M_MMAP_THRESHOLD, heapBytes) == 1

  /// Has the allocator keep some of it.
  ///
  /// Left alone, glibc gives back what is free at the end of a heap beyond 128 KiB. A frame is about that much, so each
  /// one had its pages taken from it when it was freed and given anew, zeroed, at the next: three tenths of the time
  /// of a replay.
  static func keep() { _ = isKept }
}
