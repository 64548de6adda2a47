/// The header of a PES packet, as far as it lies in its first transport packet (ISO/IEC 13818-1 2.4.3.6, 2.4.3.7).
struct PESHeader {
    let streamID: UInt8

    /// Bytes of the whole PES packet, its first six included; nil when it is unbounded, as video may be.
    let packetBytes: Int?

    /// DTS if there is one, else PTS if there is one: it grows in the order of the stream. 90 kHz, 33 bits.
    let decodingTime: Timestamp?

    /// Where the elementary stream begins in the run.
    let elementaryStart: Int

    /// - Parameter payload: of the packet that starts the PES packet, within `run`.
    /// - Returns: nil when no PES packet starts there, or when its fixed bytes are not all in this packet.
    init?(parsing run: Span<UInt8>, _ payload: Range<Int>) {
        let start = payload.lowerBound
        guard payload.count >= 6, run[start] == 0, run[start + 1] == 0, run[start + 2] == 1 else { return nil }
        streamID = run[start + 3]
        let length = Int(run[start + 4]) << 8 | Int(run[start + 5])
        packetBytes = length == 0 ? nil : 6 + length

        guard payload.count >= 9, Self.hasOptionalFields(streamID), run[start + 6] & 0xc0 == 0x80 else {
            // Old MPEG-1 system headers are not allowed in transport streams; the bytes are taken as they are.
            decodingTime = nil
            elementaryStart = start + 6
            return
        }
        let flags = run[start + 7] >> 6
        let fieldBytes = Int(run[start + 8])
        elementaryStart = min(start + 9 + fieldBytes, payload.upperBound)
        if flags == 3, fieldBytes >= 10, payload.count >= 19 {
            decodingTime = Timestamp(parsing: run, at: start + 14)
        } else if flags & 2 != 0, fieldBytes >= 5, payload.count >= 14 {
            decodingTime = Timestamp(parsing: run, at: start + 9)
        } else {
            decodingTime = nil
        }
    }

    var isVideo: Bool { streamID & 0xf0 == 0xe0 }

    /// All but a few stream ids have flags and fields behind the length (Table 2-21).
    private static func hasOptionalFields(_ streamID: UInt8) -> Bool {
        switch streamID {
        case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff: false
        default: true
        }
    }
}
