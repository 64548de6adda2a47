/// Makes small transport streams packet by packet, the same bytes every time, for tests of anything that takes one.
///
///     var stream = TransportStreamFixture()
///     stream.appendTables()
///     stream.appendPicture(bytes: 5_000, isRandomAccess: true)
///     stream.appendAudio(bytes: 400)
///     stream.appendPicture(bytes: 900)
///     stream.bytes  // whole packets of 188 bytes
///
/// Continuity counters run on by themselves and one picture lasts 3600 ticks (25 a second). Pictures are MPEG-1 of 16 x 16
/// pixels that any decoder can read: an I picture behind a sequence header where decoding can start, else a P picture,
/// made as large as asked for by user data that hold no start code.
package struct TransportStreamFixture {
    package static let packetBytes = 188

    package struct Stream: Equatable {
        package var type: UInt8
        package var pid: UInt16

        package init(type: UInt8, pid: UInt16) {
            self.type = type
            self.pid = pid
        }
    }

    package struct Program: Equatable {
        package var number: UInt16
        package var mapPID: UInt16
        package var streams: [Stream]

        package init(number: UInt16, mapPID: UInt16, streams: [Stream]) {
            self.number = number
            self.mapPID = mapPID
            self.streams = streams
        }
    }

    /// How a picture shows its end.
    package enum PictureEnd {
        /// The last packet is filled by its adaptation field, as ffmpeg does, unless it is exactly full.
        case stuffing

        /// `PES_packet_length` is set too.
        case length
    }

    /// ffmpeg's own numbers: PMT on 0x1000, video on 0x100, audio on 0x101.
    package static let videoPID: UInt16 = 0x100
    package static let audioPID: UInt16 = 0x101
    package static let mapPID: UInt16 = 0x1000

    /// Bytes of a picture's PES and elementary stream that fill `packets` packets exactly, so that nothing shows its
    /// end: give them to `appendPicture(bytes:)`.
    package static func fullBytes(packets: Int, isRandomAccess: Bool = false) -> Int {
        // 184 bytes a packet, less the PES header with PTS, and in the first packet of a random access point two bytes
        // of adaptation field.
        packets * 184 - 14 - (isRandomAccess ? 2 : 0)
    }

    /// All packets so far.
    package private(set) var bytes: [UInt8] = []

    package var programs: [Program]

    /// The time of the next picture, in ticks of the 90 kHz clock.
    package var pictureTicks: UInt64 = 126_000

    package var ticksPerPicture: UInt64 = 3_600
    package var tablesVersion: UInt8 = 0

    /// Of each PID, the counter of its next packet with payload; a test may change one to make a gap.
    package var continuity: [UInt16: UInt8] = [:]

    private var filler: UInt8 = 1

    package init(
        programs: [Program] = [
            Program(
                number: 1, mapPID: mapPID, streams: [Stream(type: 2, pid: videoPID), Stream(type: 3, pid: audioPID)])
        ]
    ) {
        self.programs = programs
    }

    package var packetCount: Int { bytes.count / Self.packetBytes }

    /// The bytes of one packet.
    package func packet(_ number: Int) -> [UInt8] {
        Array(bytes[number * Self.packetBytes..<(number + 1) * Self.packetBytes])
    }

    /// Forgets the packets so far, not the counters and times: what comes next continues the stream.
    package mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll() }
        return bytes
    }

    // MARK: - Tables

    /// Appends the PAT and the PMT of each program, one packet or as many as they need.
    package mutating func appendTables(isCurrent: Bool = true) {
        appendSection(pid: 0, section: associationSection(isCurrent: isCurrent))
        for program in programs {
            appendSection(pid: program.mapPID, section: mapSection(program, isCurrent: isCurrent))
        }
    }

    package func associationSection(isCurrent: Bool = true) -> [UInt8] {
        var body: [UInt8] = []
        for program in programs {
            body += Self.twoBytes(program.number) + Self.twoBytes(0xe000 | program.mapPID)
        }
        return Self.section(table: 0, number: 1, version: tablesVersion, isCurrent: isCurrent, body: body)
    }

    /// - Parameter descriptors: of the program, to make the section long.
    package func mapSection(_ program: Program, descriptors: [UInt8] = [], isCurrent: Bool = true) -> [UInt8] {
        var body = Self.twoBytes(0xe000 | (program.streams.first?.pid ?? 0x1fff))
        body += Self.twoBytes(0xf000 | UInt16(descriptors.count)) + descriptors
        for stream in program.streams {
            body += [stream.type] + Self.twoBytes(0xe000 | stream.pid) + [0xf0, 0x00]
        }
        return Self.section(table: 2, number: program.number, version: tablesVersion, isCurrent: isCurrent, body: body)
    }

    /// Appends packets that carry one section, filled with 0xff behind it.
    package mutating func appendSection(pid: UInt16, section: [UInt8]) {
        var rest = ([0] + section)[...]  // pointer_field 0
        var isFirst = true
        while !rest.isEmpty {
            var payload = Array(rest.prefix(184))
            rest = rest.dropFirst(184)
            payload += [UInt8](repeating: 0xff, count: 184 - payload.count)
            appendPacket(pid: pid, startsPayload: isFirst, payload: payload)
            isFirst = false
        }
    }

    /// A section with its checksum.
    package static func section(
        table: UInt8, number: UInt16, version: UInt8, isCurrent: Bool = true, body: [UInt8]
    ) -> [UInt8] {
        let length = 5 + body.count + 4
        var section: [UInt8] = [table] + twoBytes(0xb000 | UInt16(length)) + twoBytes(number)
        section += [0xc0 | version << 1 & 0x3e | (isCurrent ? 1 : 0), 0, 0] + body
        let sum = checksum(section)
        return section + twoBytes(UInt16(sum >> 16)) + twoBytes(UInt16(sum & 0xffff))
    }

    // MARK: - Elementary streams

    /// Appends a picture of MPEG-1: its PES header with PTS, then `bytes` of elementary stream, 29 at least.
    ///
    /// - Parameters:
    ///   - isRandomAccess: a sequence header and `random_access_indicator` are set, as ffmpeg does.
    ///   - hasClock: a PCR in the first packet.
    ///   - interleaved: is called with the number of packets that came so far of this picture, after each but the last,
    ///     and may append packets of other PIDs.
    package mutating func appendPicture(
        bytes count: Int, pid: UInt16 = videoPID, isRandomAccess: Bool = false, hasClock: Bool = false,
        end: PictureEnd = .stuffing, interleaved: (inout TransportStreamFixture, Int) -> Void = { _, _ in }
    ) {
        let elementary = elementary(bytes: count, isRandomAccess: isRandomAccess)
        let length = end == .length ? 8 + elementary.count : 0
        let pes = Self.pesHeader(streamID: 0xe0, length: length, ticks: pictureTicks) + elementary
        var field: [UInt8] = []
        if isRandomAccess || hasClock {
            field = [(isRandomAccess ? 0x40 : 0) | (hasClock ? 0x10 : 0)] + (hasClock ? Self.clock(pictureTicks) : [])
        }
        appendPES(pid: pid, bytes: pes, firstField: field, interleaved: interleaved)
        pictureTicks += ticksPerPicture
    }

    /// Appends one PES of audio with its length.
    package mutating func appendAudio(bytes count: Int, pid: UInt16 = audioPID) {
        var elementary: [UInt8] = []
        for _ in 0..<count { elementary.append(nextFiller()) }
        appendPES(pid: pid, bytes: Self.pesHeader(streamID: 0xc0, length: 8 + count, ticks: pictureTicks) + elementary)
    }

    /// Appends a PES as packets of one PID; the last is filled by its adaptation field.
    ///
    /// - Parameter firstField: the first packet's adaptation field from its flags byte on; empty for none.
    package mutating func appendPES(
        pid: UInt16, bytes pes: [UInt8], firstField: [UInt8] = [],
        interleaved: (inout TransportStreamFixture, Int) -> Void = { _, _ in }
    ) {
        var rest = pes[...]
        var number = 0
        while !rest.isEmpty {
            let field = number == 0 ? firstField : []
            let room = 184 - (field.isEmpty ? 0 : 1 + field.count)
            let payload = Array(rest.prefix(room))
            rest = rest.dropFirst(room)
            appendPacket(pid: pid, startsPayload: number == 0, field: field, payload: payload)
            number += 1
            if !rest.isEmpty { interleaved(&self, number) }
        }
    }

    /// A PES header of 14 bytes with a PTS.
    package static func pesHeader(streamID: UInt8, length: Int, ticks: UInt64) -> [UInt8] {
        let fixed: [UInt8] = [0, 0, 1, streamID] + twoBytes(UInt16(truncatingIfNeeded: length > 0xffff ? 0 : length))
        return fixed + [0x80, 0x80, 5] + timestamp(ticks, prefix: 2)
    }

    /// The five bytes of a PTS or DTS.
    package static func timestamp(_ ticks: UInt64, prefix: UInt8) -> [UInt8] {
        [
            prefix << 4 | UInt8(ticks >> 30 & 0x07) << 1 | 1,
            UInt8(ticks >> 22 & 0xff), UInt8(ticks >> 15 & 0x7f) << 1 | 1,
            UInt8(ticks >> 7 & 0xff), UInt8(ticks & 0x7f) << 1 | 1,
        ]
    }

    /// The elementary stream of one picture.
    package mutating func elementary(bytes count: Int, isRandomAccess: Bool) -> [UInt8] {
        let head = isRandomAccess ? Self.sequenceHeader : []
        let picture = isRandomAccess ? Self.intraPicture : Self.predictedPicture
        let free = max(count - head.count - picture.count, 0)
        guard free > 4 else { return head + picture + [UInt8](repeating: 0, count: free) }
        var userData: [UInt8] = [0, 0, 1, 0xb2]
        while userData.count < free { userData.append(nextFiller()) }
        // User data stand behind a sequence header or a picture header.
        return isRandomAccess ? head + userData + picture : picture.prefix(9) + userData + picture.dropFirst(9)
    }

    /// MPEG-1, 16 x 16 at 25 pictures a second.
    package static let sequenceHeader: [UInt8] = [0, 0, 1, 0xb3, 0x01, 0x00, 0x10, 0x13, 0xff, 0xff, 0xe0, 0xa0]

    /// One macroblock of six blocks without coefficients, and one that is moved by nothing.
    private static let intraPicture: [UInt8] =
        [0, 0, 1, 0, 0x00, 0x0f, 0xff, 0xf8, 0, 0, 1, 1, 0x43, 0x94, 0xa5, 0x22, 0x20]
    private static let predictedPicture: [UInt8] =
        [0, 0, 1, 0, 0x00, 0x17, 0xff, 0xf8, 0x80, 0, 0, 1, 1, 0x42, 0x70]

    // MARK: - Packets

    /// Appends one packet; what its payload leaves free is filled by the adaptation field.
    ///
    /// - Parameters:
    ///   - field: the adaptation field from its flags byte on; empty for none unless it must fill.
    ///   - payload: at most 184 bytes, less what the field needs; empty: a packet of adaptation field only.
    package mutating func appendPacket(
        pid: UInt16, startsPayload: Bool = false, field: [UInt8] = [], payload: [UInt8]
    ) {
        let free = 184 - payload.count
        precondition(free >= (field.isEmpty ? 0 : 1 + field.count), "payload and field are larger than a packet")
        let counter = continuity[pid] ?? 0
        if !payload.isEmpty { continuity[pid] = (counter + 1) & 0x0f }
        let shown = payload.isEmpty ? (counter + 15) & 0x0f : counter
        bytes += [0x47, (startsPayload ? 0x40 : 0) | UInt8(pid >> 8 & 0x1f), UInt8(pid & 0xff)]
        bytes.append((free > 0 ? 0x20 : 0) | (payload.isEmpty ? 0 : 0x10) | shown)
        if free > 0 { bytes.append(UInt8(free - 1)) }
        if free > 1 {
            let filled = field.isEmpty ? [0x00] : field
            bytes += filled + [UInt8](repeating: 0xff, count: free - 1 - filled.count)
        }
        bytes += payload
    }

    package mutating func appendNullPacket() {
        bytes += [0x47, 0x1f, 0xff, 0x10] + [UInt8](repeating: 0xff, count: 184)
    }

    /// Appends an earlier packet again.
    package mutating func repeatPacket(_ number: Int) {
        bytes += packet(number)
    }

    /// A PCR of the time, six bytes.
    private static func clock(_ ticks: UInt64) -> [UInt8] {
        [
            UInt8(ticks >> 25 & 0xff), UInt8(ticks >> 17 & 0xff), UInt8(ticks >> 9 & 0xff), UInt8(ticks >> 1 & 0xff),
            UInt8(ticks & 1) << 7 | 0x7e, 0,
        ]
    }

    private mutating func nextFiller() -> UInt8 {
        filler = filler == 0xff ? 2 : filler + 1
        return filler
    }

    private static func twoBytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

    /// CRC-32 of ISO/IEC 13818-1 Annex A, bit by bit: no table that could share a mistake with the code under test.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var register: UInt32 = 0xffff_ffff
        for byte in bytes {
            for bit in (0..<8).reversed() {
                let out = register >> 31 != UInt32(byte >> UInt8(bit) & 1)
                register = register << 1 ^ (out ? 0x04c1_1db7 : 0)
            }
        }
        return register
    }
}
