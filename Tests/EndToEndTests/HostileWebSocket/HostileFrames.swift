/// Frames that break the framing of RFC 6455 5, and odd ones that do not.
enum HostileFrames {
    static let all = bits + opcodes + fragments + controls + masks + lengths + sizes

    private static let zeros = [UInt8](repeating: 0, count: 4096)

    private static let bits: [HostileWebSocket] = [
        .frames("the first reserved bit", Frame.make(0xc1, [0x61]), .close(1002)),
        .frames("the second reserved bit", Frame.make(0xa2, [0x61]), .close(1002)),
        .frames("the third reserved bit", Frame.make(0x92, [0x61]), .close(1002)),
        .frames("all reserved bits", Frame.make(0xf1, []), .close(1002)),
        .frames(
            "a compressed message, though that was declined", Frame.make(0xc1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0]),
            .close(1002)),
        .frames("a reserved bit on a ping", Frame.make(0xc9, []), .close(1002)),
        .frames("a reserved bit on a close", Frame.make(0xc8, [3, 0xe8]), .close(1002)),
        .frames(
            "a reserved bit on the second fragment", Frame.make(0x01, [0x61]) + Frame.make(0xc0, [0x61]), .close(1002)),
        .frames("a reserved bit behind a right message", Frame.text("a") + Frame.make(0xd1, []), .close(1002)),
    ]

    private static let opcodes: [HostileWebSocket] = [
        .frames("the first reserved opcode for data", Frame.make(0x83, [1, 2, 3]), .close(1002)),
        .frames("the last reserved opcode for data", Frame.make(0x87), .close(1002)),
        .frames("a fragment of a reserved opcode", Frame.make(0x04, [1]), .close(1002)),
        .frames("the first reserved opcode for control", Frame.make(0x8b, []), .close(1002)),
        .frames("the last reserved opcode for control", Frame.make(0x8f, [1]), .close(1002)),
        .frames(
            "a reserved opcode between fragments",
            Frame.make(0x01, [0x61]) + Frame.make(0x8c) + Frame.make(0x80, [0x61]), .close(1002)),
        .frames(
            "a reserved opcode with a giant length", Frame.make(0x85, [], lengthBytes: 8, says: 1 << 40), .close(1002)),
        .frames("every bit of the first byte", [0xff], .close(1002)),
        .frames("an HTTP request instead of frames", Handshakes.request(), .close(1002)),
        .frames("transport stream packets instead of frames", [0x47, 0x1f, 0xff, 0x10] + zeros, .close(1002)),
    ]

    private static let fragments: [HostileWebSocket] = [
        .frames("a last fragment of nothing", Frame.make(0x80, [1]), .close(1002)),
        .frames("a middle fragment of nothing", Frame.make(0x00, [1]), .close(1002)),
        .frames("an empty fragment of nothing", Frame.make(0x80), .close(1002)),
        .frames("a fragment behind a whole message", Frame.text("a") + Frame.make(0x80, [0x62]), .close(1002)),
        .frames("a fragment behind a ping", Frame.ping("a") + Frame.make(0x00, [0x62]), .close(1002)),
        .frames(
            "a fragment behind the last one",
            Frame.make(0x02, [1]) + Frame.make(0x80, [2]) + Frame.make(0x80, [3]), .close(1002)),
        .frames("a text inside a text", Frame.make(0x01, [0x61]) + Frame.text("b"), .close(1002)),
        .frames("a binary inside a text", Frame.make(0x01, [0x61]) + Frame.binary(1), .close(1002)),
        .frames("a text begun inside a binary", Frame.make(0x02, [0x61]) + Frame.make(0x01, [0x61]), .close(1002)),
        .frames(
            "a text inside a text of a hundred fragments",
            Frame.make(0x01, [0x61]) + (0..<100).flatMap { _ in Frame.make(0x00, [0x61]) } + Frame.text(""),
            .close(1002)),
        .frames(
            "pings and pongs between the fragments of one message",
            Frame.make(0x01, [0x61]) + Frame.ping("1") + Frame.make(0x00, []) + Frame.make(0x8a, [1]) + Frame.ping("2")
                + Frame.make(0x80, [0x62]), .served),
        .frames(
            "a thousand messages of one empty fragment and another",
            (0..<1000).flatMap { _ in Frame.make(0x02) + Frame.make(0x80) }, .served),
        .frames(
            "twenty thousand empty fragments without end",
            Frame.make(0x01) + (0..<20_000).flatMap { _ in Frame.make(0x00) }, .served),
        .frames("a message that never ends", Frame.make(0x02, zeros), .served),
    ]

    private static let controls: [HostileWebSocket] = [
        .frames("half a ping", Frame.make(0x09, [1]), .close(1002)),
        .frames("half a pong", Frame.make(0x0a), .close(1002)),
        .frames("half a close", Frame.make(0x08, [3, 0xe8]), .close(1002)),
        .frames("a ping of 126 bytes", Frame.make(0x89, [UInt8](repeating: 0, count: 126)), .close(1002)),
        .frames("a pong of 126 bytes", Frame.make(0x8a, [UInt8](repeating: 0, count: 126)), .close(1002)),
        .frames("a close of 126 bytes", Frame.close(1000, [UInt8](repeating: 0x61, count: 124)), .close(1002)),
        .frames("a ping of 65,536 bytes", Frame.make(0x89, [], lengthBytes: 8, says: 65_536), .close(1002)),
        .frames("a short ping whose length is written long", Frame.make(0x89, [1], lengthBytes: 2), .close(1002)),
        .frames("a pong that nobody asked for", Frame.make(0x8a, Array("unasked".utf8)), .served),
        .frames("ten thousand pongs", (0..<10_000).flatMap { _ in Frame.make(0x8a, [1]) }, .served),
        .own("a ping of 125 bytes that are not UTF-8", .served) { stranger in
            let payload = [UInt8](repeating: 0xff, count: 125)
            try stranger.shake()
            stranger.send(Frame.make(0x89, payload))
            try stranger.expect("the pong is the ping's", try stranger.nextPong() == payload)
        },
        .own("an empty ping", .served) { stranger in
            try stranger.shake()
            stranger.send(Frame.make(0x89))
            try stranger.expect("the pong is empty", try stranger.nextPong().isEmpty)
        },
    ]

    private static let masks: [HostileWebSocket] = [
        .frames("a text without a mask", Frame.make(0x81, [0x61], mask: nil), .close(1002)),
        .frames("a binary without a mask", Frame.make(0x82, [0x61], mask: nil), .close(1002)),
        .frames("an empty message without a mask", Frame.make(0x82, mask: nil), .close(1002)),
        .frames("a ping without a mask", Frame.make(0x89, mask: nil), .close(1002)),
        .frames("a pong without a mask", Frame.make(0x8a, [1], mask: nil), .close(1002)),
        .frames("a close without a mask", Frame.make(0x88, [3, 0xe8], mask: nil), .close(1002)),
        .frames(
            "a fragment without a mask", Frame.make(0x01, [0x61]) + Frame.make(0x80, [0x61], mask: nil), .close(1002)),
        .frames("a giant without a mask", Frame.make(0x82, [], lengthBytes: 8, says: 1 << 50, mask: nil), .close(1002)),
        .frames("a mask of zeros", Frame.make(0x81, [0x61], mask: [0, 0, 0, 0]), .served),
        .frames(
            "a text that is UTF-8 before the mask and not behind it", [0x81, 0x82, 0x80, 0, 0, 0, 0x61, 0x62],
            .close(1007)),
    ]

    private static let lengths: [HostileWebSocket] = [
        .frames("a length of nothing in two bytes", Frame.make(0x82, [], lengthBytes: 2), .close(1002)),
        .frames("a length of 125 in two bytes", Frame.make(0x82, [], lengthBytes: 2, says: 125), .close(1002)),
        .frames("a length of nothing in eight bytes", Frame.make(0x81, [], lengthBytes: 8), .close(1002)),
        .frames("a length of 65,535 in eight bytes", Frame.make(0x82, [], lengthBytes: 8, says: 65_535), .close(1002)),
        .frames("a length with its highest bit", Frame.make(0x82, [], lengthBytes: 8, says: 1 << 63), .close(1002)),
        .frames("a length of all bits", Frame.make(0x82, [], lengthBytes: 8, says: .max), .close(1002)),
        .frames("the largest length", Frame.make(0x82, [], lengthBytes: 8, says: .max >> 1), .close(1009)),
        .frames("a length of four gigabytes", Frame.make(0x82, [], lengthBytes: 8, says: 1 << 32), .close(1009)),
        .frames(
            "a length of two gigabytes less one", Frame.make(0x81, [], lengthBytes: 8, says: 0x7fff_ffff), .close(1009)),
        .frames(
            "the largest length on a fragment",
            Frame.make(0x02, [1]) + Frame.make(0x00, [], lengthBytes: 8, says: .max >> 1), .close(1009)),
    ]

    private static let sizes: [HostileWebSocket] = [
        .frames("a message of exactly the limit", Frame.binary(4096), .served),
        .frames("a message of the limit and one byte", Frame.binary(4097), .close(1009)),
        .frames("a text of the limit and one byte", Frame.text(String(repeating: "a", count: 4097)), .close(1009)),
        .frames("a message of 100,000 bytes", Frame.binary(100_000), .close(1009)),
        .frames("a fragment that passes the limit", Frame.make(0x02, zeros) + Frame.make(0x80, [1]), .close(1009)),
        .frames("an empty fragment behind the limit", Frame.make(0x02, zeros) + Frame.make(0x80), .served),
        .frames(
            "five thousand fragments of a byte",
            Frame.make(0x02, [1]) + (0..<5000).flatMap { _ in Frame.make(0x00, [1]) }, .close(1009)),
        .frames("two hundred messages of the limit", (0..<200).flatMap { _ in Frame.binary(4096) }, .served),
        .frames("five thousand empty messages", (0..<5000).flatMap { _ in Frame.make(0x82) }, .served),
        .frames(
            "a message too large, that never comes", Frame.make(0x82, [], lengthBytes: 2, says: 4097), .close(1009)),
    ]
}
