/// What a stream's packets showed, in numbers that only grow.
package struct StreamCounters: Equatable, Sendable {
    package internal(set) var packets: UInt64 = 0

    package internal(set) var nullPackets: UInt64 = 0

    /// Jumps of a continuity counter, and packets that came more than twice.
    package internal(set) var continuityErrors: UInt64 = 0

    /// Packets sent twice, as the standard allows.
    package internal(set) var duplicates: UInt64 = 0

    /// Packets with `transport_error_indicator`.
    package internal(set) var transportErrors: UInt64 = 0

    /// Packets whose adaptation field does not fit, or that have neither that nor payload.
    package internal(set) var malformedPackets: UInt64 = 0

    package internal(set) var patErrors: UInt64 = 0

    /// PMT sections of the reference program with a wrong checksum.
    package internal(set) var pmtErrors: UInt64 = 0

    package internal(set) var pictures: UInt64 = 0

    package internal(set) var randomAccessPoints: UInt64 = 0

    package init() {}
}
