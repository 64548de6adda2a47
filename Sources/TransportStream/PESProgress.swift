/// Follows one PES packet to its end.
///
/// Two things show the end: `PES_packet_length`, or, in video without it, filling in the adaptation field, since no
/// encoder has a reason to fill any packet but the last. A video whose last packet is exactly full shows neither.
struct PESProgress {
    private enum Length {
        /// Still to come; below 0 when more came than was announced.
        case missing(Int)
        case unbounded
    }

    private var length = Length.unbounded

    /// Starts with the first packet.
    ///
    /// - Parameter packetBytes: of the whole PES packet; nil when unbounded or unknown.
    /// - Returns: true if it ends with this packet.
    mutating func start(_ header: PacketHeader, packetBytes: Int?) -> Bool {
        length = packetBytes.map { .missing($0) } ?? .unbounded
        return take(header)
    }

    /// Goes on with a packet that has payload.
    ///
    /// - Returns: true if the PES packet ends with this packet.
    mutating func take(_ header: PacketHeader) -> Bool {
        guard case .missing(let bytes) = length else { return header.isStuffed }
        let left = bytes - header.payload.count
        length = .missing(left)
        return left <= 0
    }

    /// Packets are missing: bytes can no longer be counted.
    mutating func packetsLost() {
        length = .unbounded
    }

    /// More bytes came than `PES_packet_length` announced.
    var isOverfull: Bool {
        if case .missing(let bytes) = length { bytes < 0 } else { false }
    }

    /// `PES_packet_length` announced more bytes than came.
    var isShort: Bool {
        if case .missing(let bytes) = length { bytes > 0 } else { false }
    }
}
