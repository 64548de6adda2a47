/// The RTP header in front of transport packets (RFC 3550 5.1, RFC 2250 2).
struct RTPHeader {
    /// Where the transport packets lie in the datagram.
    let payload: Range<Int>

    /// Payload type of MPEG-2 transport streams (RFC 3551 6), and the first of those that are agreed on by other means.
    private static let transportStream: UInt8 = 33
    private static let firstDynamic: UInt8 = 96

    /// Recognizes a datagram that carries whole packets behind an RTP header.
    ///
    /// - Returns: nil unless all fits: version 2, a fitting payload type, CSRC list, extension and padding within the
    ///   datagram, and behind them one or more packets of 188 bytes, the first with its sync byte.
    init?(parsing datagram: Span<UInt8>) {
        guard datagram.count >= 12 + TSPacket.size, datagram[0] & 0xc0 == 0x80 else { return nil }
        let type = datagram[1] & 0x7f
        guard type == Self.transportStream || type >= Self.firstDynamic else { return nil }

        var start = 12 + 4 * Int(datagram[0] & 0x0f)
        if datagram[0] & 0x10 != 0 {
            guard start + 4 <= datagram.count else { return nil }
            start += 4 + 4 * (Int(datagram[start + 2]) << 8 | Int(datagram[start + 3]))
        }
        var end = datagram.count
        if datagram[0] & 0x20 != 0 {
            end -= Int(datagram[datagram.count - 1])
        }
        guard start < end, (end - start) % TSPacket.size == 0, datagram[start] == TSPacket.syncByte else { return nil }
        payload = start..<end
    }
}
