import TestSupport

/// Program tables that are wrong, endless or cut (ISO/IEC 13818-1 2.4.4).
enum HostileTables {
    private typealias Fixture = TransportStreamFixture

    static let sections: [HostileStream] = [
        tables("a PAT with a wrong checksum") { damaged(Fixture().associationSection(), at: -1) },
        tables("a PAT with a wrong version under a right length") { damaged(Fixture().associationSection(), at: 5) },
        tables("a PAT of no bytes") { [0, 0xb0, 0] },
        tables("a PAT of five bytes") { [0, 0xb0, 5, 0, 1, 0xc1, 0, 0] },
        tables("a PAT of 1021 bytes that are not there") { [0, 0xb3, 0xfd, 0, 1, 0xc1, 0, 0] },
        tables("a PAT of 4095 bytes") {
            [0, 0xbf, 0xff, 0, 1, 0xc1, 0, 0] + [UInt8](repeating: 0, count: 4090)
        },
        tables("a PAT with half an entry") {
            Fixture.section(table: 0, number: 1, version: 0, body: [0, 1, 0xf0, 0, 0, 2])
        },
        tables("a PAT without programs") { Fixture.section(table: 0, number: 1, version: 0, body: []) },
        tables("a PAT of 253 programs") {
            Fixture.section(
                table: 0, number: 1, version: 0, body: HostileStream.each(253) { [0, UInt8($0), 0xf0, UInt8($0)] })
        },
        tables("a PAT that is not yet valid") { Fixture().associationSection(isCurrent: false) },
        tables("another table's number on PID 0") {
            Fixture.section(table: 0x42, number: 1, version: 0, body: [1, 2, 3])
        },
        tables("a table of private form on PID 0") { [0, 0x30, 9] + [UInt8](repeating: 1, count: 9) },
        tables("a PAT whose map is itself") {
            Fixture.section(table: 0, number: 1, version: 0, body: [0, 1, 0xe0, 0])
        },
        tables("a PAT whose map is the null PID") {
            Fixture.section(table: 0, number: 1, version: 0, body: [0, 1, 0xff, 0xff])
        },
        tables("a PAT whose map is the video") {
            Fixture.section(table: 0, number: 1, version: 0, body: [0, 1, 0xe1, 0])
        },
    ]

    static let maps: [HostileStream] = [
        map("a map with a wrong checksum") { damaged($0, at: -2) },
        map("a map with descriptors beyond its end") { damaged($0, at: 11) },
        map("a map of streams beyond its end") { resealed($0) { $0[15] = 0xff } },
        map("a map whose program descriptors are longer than it") {
            resealed($0) {
                $0[10] = 0xff; $0[11] = 0xff
            }
        },
        map("a map whose stream descriptors are longer than it") {
            resealed($0) {
                $0[15] = 0xff; $0[16] = 0xff
            }
        },
        map("a map of itself") {
            resealed($0) {
                $0[13] = 0xf0; $0[14] = 0
            }
        },
        map("a map of PID 0") {
            resealed($0) {
                $0[13] = 0xe0; $0[14] = 0
            }
        },
        map("a map with its clock on the null PID") {
            resealed($0) {
                $0[8] = 0xff; $0[9] = 0xff
            }
        },
        map("a map of kinds that nobody knows") {
            resealed($0) {
                $0[12] = 0xff; $0[17] = 0xfe
            }
        },
        map("a map of 200 streams") { _ in
            let body: [UInt8] = [0xe1, 0, 0xf0, 0] + HostileStream.each(200) { [0x1b, 0xe0, UInt8($0), 0xf0, 0] }
            return TransportStreamFixture.section(table: 2, number: 1, version: 0, body: body)
        },
        map("a map that says its video is HEVC") { resealed($0) { $0[12] = 0x24 } },
        map("a map that says its video is H.264") { resealed($0) { $0[12] = 0x1b } },
        map("a map that says its video is sound") { resealed($0) { $0[12] = 0x0f } },
    ]

    static let cuts: [HostileStream] = [
        HostileStream("a pointer beyond the packet") {
            HostileStream.each(200) {
                HostileStream.packet(pid: 0, starts: true, control: 0x10 | UInt8($0 & 15), [255])
            }
        },
        HostileStream("a pointer to the last byte") {
            HostileStream.each(200) { number in
                let pointer = [UInt8(182)] + [UInt8](repeating: 0, count: 183)
                return HostileStream.packet(pid: 0, starts: true, control: 0x10 | UInt8(number & 15), pointer)
            }
        },
        HostileStream("tables in packets of one byte") { slowTables(bytesPerPacket: 1) },
        HostileStream("a section that never ends") {
            HostileStream.packet(pid: 0, starts: true, [0, 0, 0xb3, 0xfd, 0, 1, 0xc1, 0, 0])
                + HostileStream.each(4000) {
                    HostileStream.packet(pid: 0, control: 0x10 | UInt8(($0 + 1) & 15), [0xff])
                }
        },
        HostileStream("a section with a gap in its middle") {
            let whole = slowTables(bytesPerPacket: 4)
            return Array(
                HostileStream.cut(whole, 188).enumerated().filter { $0.offset % 7 != 3 }.map(\.element).joined())
        },
        HostileStream("a section within a section") {
            let section = Fixture().associationSection()
            return HostileStream.each(200) { number in
                HostileStream.packet(
                    pid: 0, starts: true, control: 0x10 | UInt8(number & 15), [0] + section.prefix(9) + section)
            }
        },
        HostileStream("ten sections in one packet") {
            let sections = Array(repeatElement(Fixture().associationSection(), count: 10).joined())
            return HostileStream.packet(pid: 0, starts: true, [0] + sections) + HostileStream.group()
        },
        HostileStream("255 sections of one table") {
            var stream = TransportStreamFixture()
            for number in 0..<255 {
                var section = stream.associationSection()
                (section[6], section[7]) = (UInt8(number), 254)
                stream.appendSection(pid: 0, section: resealed(section) { _ in })
            }
            return stream.bytes + HostileStream.group()
        },
        HostileStream("a version that changes each time") {
            var stream = TransportStreamFixture()
            for version in 0..<200 {
                stream.tablesVersion = UInt8(version % 32)
                stream.appendTables()
                stream.appendPicture(bytes: 300, isRandomAccess: version % 3 == 0)
            }
            return stream.bytes
        },
        HostileStream("40 programs with maps of twelve packets") {
            var stream = TransportStreamFixture()
            stream.programs = (1...40).map { number in
                let pid = UInt16(0x1000 + number)
                return .init(number: UInt16(number), mapPID: pid, streams: [.init(type: 2, pid: 0x100)])
            }
            stream.appendSection(pid: 0, section: stream.associationSection())
            for program in stream.programs {
                // One section needs six packets at most, so it comes in packets that are half empty.
                let section = stream.mapSection(program, descriptors: [UInt8](repeating: 0, count: 990))
                append(section, pid: program.mapPID, bytesPerPacket: 90, to: &stream)
            }
            for picture in 0..<20 { stream.appendPicture(bytes: 900, isRandomAccess: picture % 5 == 0) }
            return stream.bytes
        },
        HostileStream("programs that change places") {
            var stream = TransportStreamFixture()
            for turn in 0..<60 {
                let pids: [UInt16] = turn % 2 == 0 ? [0x100, 0x101] : [0x101, 0x100]
                stream.programs[0].streams = [.init(type: 2, pid: pids[0]), .init(type: 3, pid: pids[1])]
                stream.tablesVersion = UInt8(turn % 32)
                stream.appendTables()
                stream.appendPicture(bytes: 500, pid: pids[0], isRandomAccess: true)
                stream.appendAudio(bytes: 200, pid: pids[1])
            }
            return stream.bytes
        },
    ]

    // MARK: - Making them

    /// The section in the PAT's place, again and again among pictures.
    private static func tables(_ name: String, _ section: @escaping @Sendable () -> [UInt8]) -> HostileStream {
        HostileStream(name) {
            var stream = TransportStreamFixture()
            for turn in 0..<30 {
                stream.appendSection(pid: 0, section: section())
                stream.appendSection(pid: stream.programs[0].mapPID, section: stream.mapSection(stream.programs[0]))
                stream.appendPicture(bytes: 500, isRandomAccess: turn % 5 == 0)
            }
            return stream.bytes
        }
    }

    /// The map changed, behind a right PAT, again and again among pictures.
    private static func map(_ name: String, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]) -> HostileStream {
        HostileStream(name) {
            var stream = TransportStreamFixture()
            for turn in 0..<30 {
                stream.appendSection(pid: 0, section: stream.associationSection())
                let section = change(stream.mapSection(stream.programs[0]))
                stream.appendSection(pid: stream.programs[0].mapPID, section: section)
                stream.appendPicture(bytes: 500, isRandomAccess: turn % 5 == 0)
            }
            return stream.bytes
        }
    }

    /// - Parameter place: negative from the end.
    private static func damaged(_ section: [UInt8], at place: Int) -> [UInt8] {
        var section = section
        section[place < 0 ? section.count + place : place] ^= 0x15
        return section
    }

    /// Changed, and with the checksum of what it says now.
    private static func resealed(_ section: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var body = Array(section.dropLast(4))
        change(&body)
        let sum = TransportStreamFixture.checksum(body)
        return body + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    }

    private static func slowTables(bytesPerPacket: Int) -> [UInt8] {
        var stream = TransportStreamFixture()
        for turn in 0..<10 {
            append(stream.associationSection(), pid: 0, bytesPerPacket: bytesPerPacket, to: &stream)
            let map = stream.mapSection(stream.programs[0])
            append(map, pid: stream.programs[0].mapPID, bytesPerPacket: bytesPerPacket, to: &stream)
            stream.appendPicture(bytes: 500, isRandomAccess: turn % 2 == 0)
        }
        return stream.bytes
    }

    private static func append(
        _ section: [UInt8], pid: UInt16, bytesPerPacket: Int, to stream: inout TransportStreamFixture
    ) {
        for (number, part) in HostileStream.cut([0] + section, bytesPerPacket).enumerated() {
            stream.appendPacket(pid: pid, startsPayload: number == 0, payload: part)
        }
    }

    static let all = sections + maps + cuts
}
