import TransportStream

/// Makes the packets of the self-describing stream, one after the other, each with the time at which it is due.
///
/// ```swift
/// var maker = StreamMaker(try StreamShape(bitsPerSecond: 1_000_000))
/// var bytes: [UInt8] = []
/// while maker.dueUs <= nowUs - startUs { maker.append(to: &bytes, sentUs: UInt64(nowUs)) }
/// ```
/// Reads no clock. PAT and PMT come before each random access point; every picture has a first and a last packet.
package struct StreamMaker: Sendable {
    package let shape: StreamShape
    /// The number of the next video packet; all before it were made.
    package private(set) var number: UInt64 = 0

    /// All packets made so far, tables included: what the rate counts.
    private var slot: Int64 = 0
    private var picture: Int64 = 0
    private var pictureInGOP = 0
    private var gop: Int64 = 0
    private var tablesDue = StreamShape.tablePackets
    /// Video packets of the running GOP and of its pictures so far.
    private var gopPackets: Int64 = 0
    private var gopWeight: Int64 = 0
    private var packetInPicture: Int64 = 0
    private var picturePackets: Int64 = 0
    /// What the packets of the GOPs so far leave of the rate, in parts of a packet.
    private var remainder: Int64 = 0

    package init(_ shape: StreamShape) {
        self.shape = shape
        startGOP()
    }

    /// Microseconds from the start of the stream to the moment at which the next packet is to be sent.
    package var dueUs: Int64 {
        switch shape.pacing {
        case .steady: Int64(Double(slot) * Double(shape.bitsPerPacket) * 1e6 / Double(shape.bitsPerSecond))
        case .pictures: pictureUs
        }
    }

    /// The next packet is the PAT before a random access point: a new connection may begin here.
    package var isAtRandomAccess: Bool { tablesDue == StreamShape.tablePackets }

    /// The next packet begins a picture, or the tables before it.
    package var isAtPicture: Bool { packetInPicture == 0 }

    /// When the running picture is shown first, in microseconds of the stream.
    private var pictureUs: Int64 { picture * 1_000_000 / Int64(shape.picturesPerSecond) }

    /// Appends the next packet.
    ///
    /// - Parameter sentUs: the monotonic time at which it will be handed to the kernel, in microseconds.
    package mutating func append(to bytes: inout [UInt8], sentUs: UInt64) {
        defer { slot += 1 }
        guard tablesDue == 0 else {
            let table = tablesDue == StreamShape.tablePackets ? StreamTables.pat : StreamTables.pmt
            let counter = UInt8(truncatingIfNeeded: gop & 0xf)
            tablesDue -= 1
            bytes += table[..<3]
            bytes.append(table[3] | counter)
            bytes += table[4...]
            return
        }
        appendVideo(to: &bytes, sentUs: sentUs)
        number += 1
        packetInPicture += 1
        if packetInPicture == picturePackets { startPicture() }
    }

    private mutating func startGOP() {
        // GOP length times rate, in packets, is a fraction; what is cut off goes to the next GOP.
        let denominator = shape.bitsPerPacket * Int64(shape.picturesPerSecond)
        remainder += shape.bitsPerSecond * Int64(shape.gopPictures)
        gopPackets = remainder / denominator - StreamShape.tablePackets
        remainder %= denominator
        gopWeight = 0
        pictureInGOP = 0
        tablesDue = StreamShape.tablePackets
        sharePackets()
    }

    private mutating func startPicture() {
        picture += 1
        pictureInGOP += 1
        if pictureInGOP == shape.gopPictures {
            gop += 1
            startGOP()
        } else {
            sharePackets()
        }
    }

    /// Gives the running picture its share of the GOP's packets.
    private mutating func sharePackets() {
        let before = gopPackets * gopWeight / shape.weights
        gopWeight += pictureInGOP == 0 ? StreamShape.intraWeight : 1
        picturePackets = gopPackets * gopWeight / shape.weights - before
        packetInPicture = 0
    }

    private func appendVideo(to bytes: inout [UInt8], sentUs: UInt64) {
        let start = bytes.count
        if packetInPicture == 0 {
            appendFirstHead(to: &bytes)
        } else if packetInPicture == picturePackets - 1 {
            let length = 2 + Int(number % UInt64(PacketForm.stuffingMax - 1))
            appendHeader(to: &bytes, startsPicture: false, hasField: true)
            bytes += [UInt8(length), 0]
            bytes += repeatElement(0xff, count: length - 1)
        } else {
            appendHeader(to: &bytes, startsPicture: false, hasField: false)
        }
        let isPlain = bytes.count - start == 4
        let head = isPlain ? 0 : HeadHash.of(bytes.span.bytes.extracting(start..<bytes.count), end: bytes.count - start)
        let shift = Filler.shift(of: number)
        bytes += Filler.pattern[bytes.count - start + shift..<PacketMark.offset + shift]
        bytes += PacketMark(number: number, sentUs: sentUs % PacketMark.limit).bytes(head: head)
    }

    private func appendHeader(to bytes: inout [UInt8], startsPicture: Bool, hasField: Bool) {
        let pid = PacketForm.videoPID
        bytes += [
            TSPacket.syncByte, (startsPicture ? 0x40 : 0) | UInt8(pid >> 8), UInt8(pid & 0xff),
            (hasField ? 0x30 : 0x10) | UInt8(number & 0xf),
        ]
    }

    private func appendFirstHead(to bytes: inout [UInt8]) {
        let isRandomAccess = pictureInGOP == 0
        appendHeader(to: &bytes, startsPicture: true, hasField: true)
        // The clock reference (ISO/IEC 13818-1 2.4.3.5): 27 MHz of the packet's own time.
        let clock = UInt64(dueUs) * 27
        let base = clock / 300 & 0x1_ffff_ffff
        let ticks = clock % 300
        bytes += [UInt8(PacketForm.clockFieldBytes - 1), isRandomAccess ? 0x50 : 0x10]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: base >> (25 - 8 * $0)) }
        bytes += [UInt8(base & 1) << 7 | 0x7e | UInt8(ticks >> 8), UInt8(ticks & 0xff)]
        // The PES header (2.4.3.6) with the time to show the picture: 700 ms later, when its last byte is there.
        let shown = UInt64(pictureUs + 700_000) * 9 / 100 & 0x1_ffff_ffff
        bytes += [0, 0, 1, 0xe0, 0, 0, 0x84, 0x80, 5]
        bytes += [
            0x21 | UInt8(shown >> 30 & 7) << 1, UInt8(shown >> 22 & 0xff), 1 | UInt8(shown >> 15 & 0x7f) << 1,
            UInt8(shown >> 7 & 0xff), 1 | UInt8(shown & 0x7f) << 1,
        ]
        bytes += [0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, isRandomAccess ? 0x65 : 0x41]
    }
}
