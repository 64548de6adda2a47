/// What a packet is to the relay.
package struct PacketFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The first packet of a PES packet of the reference PID. It also ends the picture that was open.
    package static let pictureStart = PacketFlags(rawValue: 1 << 0)

    /// The open picture ends with this packet. Not every picture shows its end: see `pictureStart`.
    package static let pictureEnd = PacketFlags(rawValue: 1 << 1)

    /// Decoding can start at the open picture. Mostly with `pictureStart`, but on a later packet of the picture where
    /// the decisive bytes come late; at most once a picture.
    package static let randomAccess = PacketFlags(rawValue: 1 << 2)

    /// A packet of the PAT or of the PMT of any program; always with `pat` or `pmt`.
    package static let tables = PacketFlags(rawValue: 1 << 3)

    package static let pat = PacketFlags(rawValue: 1 << 4)

    package static let pmt = PacketFlags(rawValue: 1 << 5)

    /// On the reference PID: this packet has a transport error, or packets are missing before it.
    package static let damaged = PacketFlags(rawValue: 1 << 6)
}
