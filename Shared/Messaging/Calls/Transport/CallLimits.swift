/// Bounds of everything that a peer could make grow, and the times that a call or a peer is given.
package struct CallLimits: Sendable, Hashable {
  /// What the other side may send on one call before more is asked for. Smaller windows than these cost throughput;
  /// a feed of large messages asks for more (`CallSettings.window`).
  package var window = StreamCredit(messages: 256, bytes: 256 << 10)
  package var largestRequestBytes = 4 << 20
  package var largestResponseBytes = 4 << 20
  /// Calls under way for one client; more are answered RESOURCE_EXHAUSTED.
  package var callsPerPeer = 4096
  /// Calls under way in all.
  package var calls = 16_384
  /// Bytes received from one client that handlers haven't taken yet; a call that exceeds it is ended.
  package var bufferedBytesPerPeer = 32 << 20
  /// Clients remembered at once.
  package var peers = 4096
  /// Who is silent for so long, although asked, is taken for gone.
  package var lease = Duration.milliseconds(1500)
  /// How long accepted calls may go on once the server shuts down.
  package var drain = Duration.seconds(10)
  /// How long clients are waited for after that to say that they have read everything, once they can have been asked;
  /// at the latest a second after `drain` the server ends without.
  package var farewell = Duration.milliseconds(500)

  package init() {}

  /// The largest ZeroMQ message that can be honest: one record, and one byte more than allowed so that the sender is
  /// told what it did instead of being cut off.
  var largestFrameBytes: Int64 {
    Int64(2 * max(largestRequestBytes, largestResponseBytes) + 2 * FrameCodec.packedByteCount)
  }
}
