package import LoopIO

/// What may wait in the kernel for one viewer or child over TCP: more would be stale video, and memory.
///
/// Measured with Linux 6.18. For a peer that never reads, over loopback, in KiB: the most that one sender's kernel held,
/// and the two kernels together. For a quick one, over a line of 40 Mbit/s and 100 ms, what it was given at most; for a
/// stream of 8 Mbit/s over 10 Mbit/s and 100 ms, how far it was behind on average:
///
/// | setting | held | both | Mbit/s | behind |
/// | --- | --- | --- | --- | --- |
/// | none | 4136 | 4229 | 35.0 | 2 ms |
/// | TCP_NOTSENT_LOWAT 64 KiB | 163 | 154 | 35.1 | 2 ms |
/// | TCP_NOTSENT_LOWAT 128 KiB | 236 | 307 | 35.0 | 2 ms |
/// | TCP_NOTSENT_LOWAT 256 KiB | 356 | 415 | 35.0 | 2 ms |
/// | SO_SNDBUF 64 KiB | 162 | | 9.7 | 327 ms |
/// | SO_SNDBUF 128 KiB | 289 | 361 | 17.6 | 2 ms |
/// | SO_SNDBUF 256 KiB | 540 | 621 | 31.1 | |
/// | both, 128 and 256 KiB | 235 | 260 | | |
///
/// SO_SNDBUF bounds what is on its way, too, and with that the rate over a long line. TCP_NOTSENT_LOWAT does not: what a
/// quick viewer's line holds comes on top, until it is acknowledged. 128 KiB takes two pictures of 50 kB at once, which
/// 64 KiB does not.
package enum KernelBuffer {
    /// Bytes that wait unsent before the kernel calls the socket full (TCP_NOTSENT_LOWAT).
    package static let unsentBytesMax = 128 << 10
    /// What the kernel holds at most for one that does not read: it looks at the limit once a 64 KiB, so it takes up to
    /// so much more, and keeps books.
    package static let heldBytesMax = 256 << 10

    /// Called once for each connection, before its first byte.
    package static func bound(_ connection: TCPConnection) { connection.setNotSentLowat(bytes: unsentBytesMax) }
}
