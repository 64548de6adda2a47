import TestSupport

/// PES packets and elementary streams that are wrong (ISO/IEC 13818-1 2.4.3.6; ISO/IEC 11172-2; ITU-T H.264, H.265).
enum HostilePictures {
    private static let video = TransportStreamFixture.videoPID

    static let packets: [HostileStream] = [
        HostileStream("a picture without end") {
            HostileStream.made { $0.appendPicture(bytes: 3_000_000, isRandomAccess: true) }
        },
        HostileStream("a picture without end that cannot be begun with") {
            HostileStream.made { $0.appendPicture(bytes: 1_000_000) }
        },
        pes("a length that is too long") { [0, 0, 1, 0xe0, 0xff, 0xff, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1] + picture },
        pes("a length of one byte") { [0, 0, 1, 0xe0, 0, 1, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1] + picture },
        pes("a length that ends in its header") { [0, 0, 1, 0xe0, 0, 5, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1] + picture },
        pes("a header of 255 bytes") { [0, 0, 1, 0xe0, 0, 0, 0x80, 0xff, 255] + picture },
        pes("a header of 0 bytes that says it has times") { [0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 0] + picture },
        pes("a time without its other") { [0, 0, 1, 0xe0, 0, 0, 0x80, 0x40, 5, 0x11, 0, 1, 0, 1] + picture },
        pes("times whose marks are wrong") {
            [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe] + picture
        },
        pes("a header of MPEG-1") { [0, 0, 1, 0xe0, 0, 0, 0xff, 0xff, 0xff, 0x21, 0, 1, 0, 1] + picture },
        pes("no start code") { [0, 0, 2, 0xe0, 0, 0] + picture },
        pes("a start code alone") { [0, 0, 1] },
        pes("nothing but zeros") { [UInt8](repeating: 0, count: 2000) },
        pes("padding") { [0, 0, 1, 0xbe, 0, 100] + [UInt8](repeating: 0xff, count: 100) },
        pes("a private stream") { [0, 0, 1, 0xbf, 0, 100] + [UInt8](repeating: 1, count: 100) },
        HostileStream("every stream's number") {
            HostileStream.made { stream in
                for number in 0...255 {
                    let header = TransportStreamFixture.pesHeader(streamID: UInt8(number), length: 300, ticks: 9000)
                    stream.appendPES(pid: video, bytes: header + [UInt8](repeating: 3, count: 292))
                }
            }
        },
        HostileStream("a header in packets of one byte") {
            HostileStream.made { stream in
                for turn in 0..<20 {
                    let header = TransportStreamFixture.pesHeader(streamID: 0xe0, length: 0, ticks: UInt64(turn) * 3600)
                    for (place, byte) in (header + picture.prefix(60)).enumerated() {
                        stream.appendPacket(pid: video, startsPayload: place == 0, payload: [byte])
                    }
                }
            }
        },
        HostileStream("sound where the picture was to be") {
            HostileStream.made { stream in for _ in 0..<50 { stream.appendAudio(bytes: 400, pid: video) } }
        },
        HostileStream("pictures where the sound was to be") {
            HostileStream.made { stream in
                for turn in 0..<50 {
                    stream.appendPicture(
                        bytes: 400, pid: TransportStreamFixture.audioPID, isRandomAccess: turn % 9 == 0)
                }
            }
        },
    ]

    static let times: [HostileStream] = [
        timed("times that wrap") { ((1 << 33) - 20 * 3600 + UInt64($0) * 3600) % (1 << 33) },
        timed("times that jump") { UInt64($0) &* 0x1357_9bdf_0246 % (1 << 33) },
        timed("times that run back") { 9_000_000 - UInt64($0) * 3600 },
        timed("times that stand") { _ in 90_000 },
        timed("times at their end") { _ in (1 << 33) - 1 },
    ]

    static let contents: [HostileStream] = [
        content("pictures of noise", 2) { HostileStream.noise(3000, seed: $0) },
        content("start codes without end", 2) { _ in Array(repeatElement([0, 0, 1], count: 1000).joined()) },
        content("picture headers alone", 2) { _ in Array(repeatElement([0, 0, 1, 0, 0, 8, 0, 0], count: 300).joined())
        },
        content("sequence headers of no size", 2) { _ in [0, 0, 1, 0xb3, 0, 0, 0, 0x13, 0xff, 0xff, 0xe0, 0xa0] },
        content("sequence headers of the greatest size", 2) { _ in
            [0, 0, 1, 0xb3] + [UInt8](repeating: 0xff, count: 200)
        },
        content("a sequence header cut short", 2) { _ in [0, 0, 1, 0xb3, 1] },
        content("slices of every number", 2) { _ in
            Array(picture.prefix(21))
                + HostileStream.each(0xaf) { [0, 0, 1, UInt8($0 + 1), 0x43, 0x94, 0xa5, 0x22, 0x20] }
        },
        content("slices of ones", 2) { _ in
            Array(picture.prefix(21)) + [0, 0, 1, 1] + [UInt8](repeating: 0xff, count: 900)
        },
        content("user data without end", 2) { _ in [0, 0, 1, 0xb2] + [UInt8](repeating: 1, count: 20_000) },
        content("H.264 of noise", 0x1b) { [0, 0, 1, 0x67] + HostileStream.noise(900, seed: $0) },
        content("H.264 units of no byte", 0x1b) { _ in Array(repeatElement([0, 0, 1], count: 800).joined()) },
        content("H.264 messages of a length without end", 0x1b) { _ in
            [0, 0, 1, 6, 6] + [UInt8](repeating: 0xff, count: 9000)
        },
        content("H.264 numbers of 64 zeros", 0x1b) { _ in [0, 0, 1, 0x67, 66, 0, 30] + [UInt8](repeating: 0, count: 99)
        },
        content("HEVC of noise", 0x24) { [0, 0, 1, 0x42, 1] + HostileStream.noise(900, seed: $0) },
        content("HEVC units cut in their headers", 0x24) { _ in
            Array(repeatElement([0, 0, 1, 0x26], count: 800).joined())
        },
    ]

    /// An intra picture as the fixture makes it, with its sequence header.
    private static let picture: [UInt8] = {
        var stream = TransportStreamFixture()
        return stream.elementary(bytes: 400, isRandomAccess: true)
    }()

    /// The same PES again and again.
    private static func pes(_ name: String, _ bytes: @escaping @Sendable () -> [UInt8]) -> HostileStream {
        HostileStream(name) {
            HostileStream.made { stream in
                for turn in 0..<40 {
                    stream.appendPES(pid: video, bytes: bytes(), firstField: turn % 4 == 0 ? [0x40] : [])
                }
            }
        }
    }

    private static func timed(_ name: String, _ ticks: @escaping @Sendable (Int) -> UInt64) -> HostileStream {
        HostileStream(name) {
            HostileStream.made { stream in
                for picture in 0..<40 {
                    stream.pictureTicks = ticks(picture)
                    stream.appendPicture(bytes: 600, isRandomAccess: picture % 10 == 0)
                }
            }
        }
    }

    /// Right PES of a video of this type, whose content is made by the body from the picture's number.
    private static func content(
        _ name: String, _ type: UInt8, _ bytes: @escaping @Sendable (UInt64) -> [UInt8]
    ) -> HostileStream {
        HostileStream(name) {
            var stream = TransportStreamFixture()
            stream.programs[0].streams[0].type = type
            stream.appendTables()
            for turn in 0..<40 {
                let header = TransportStreamFixture.pesHeader(streamID: 0xe0, length: 0, ticks: UInt64(turn) * 3600)
                stream.appendPES(
                    pid: video, bytes: header + bytes(UInt64(turn)), firstField: turn % 4 == 0 ? [0x40] : [])
            }
            return stream.bytes
        }
    }

    static let all = packets + times + contents
}
