/// What a way in has seen; every refusal is in one of them.
package struct IngestCounters: Equatable {
    /// Connections or senders that were let in.
    package var accepted: UInt64 = 0
    /// The address is not on the allowlist.
    package var refusedAddress: UInt64 = 0
    /// No secret, or a wrong one.
    package var refusedSecret: UInt64 = 0
    /// The stream was taken.
    package var refusedTaken: UInt64 = 0
    /// What came was no transport stream.
    package var refusedGarbage: UInt64 = 0
    /// More connections or senders than the limit.
    package var refusedLimit: UInt64 = 0
    /// Datagrams of senders that do not hold the stream.
    package var datagramsIgnored: UInt64 = 0

    package init() {}
}
