import TestSupport
import Testing

extension EndToEnd {
    /// ffmpeg pushes, Chromium shows it with JSMpeg; and what other codecs, long GOPs and odd streams do.
    @Suite struct PictureTests {
        private static let everyWay = NodeFile.first(["TCP", "UDP", "HTTP"], secret: "s3cret")

        /// The ways that users push, as ffmpeg's address and options.
        enum Way: String, CaseIterable, Sendable {
            case tcp, udpDefault, udp1316, post, put, bodyUntilClose

            func address(_ relay: RelayProcess) throws -> String {
                switch self {
                case .tcp: "tcp://127.0.0.1:\(try relay.pushPort("tcp"))"
                case .udpDefault: "udp://127.0.0.1:\(try relay.pushPort("udp"))"
                case .udp1316: "udp://127.0.0.1:\(try relay.pushPort("udp"))?pkt_size=1316"
                case .post, .put, .bodyUntilClose: "http://127.0.0.1:\(try relay.pushPort("http"))/s3cret"
                }
            }

            var options: [String] {
                switch self {
                case .tcp, .udpDefault, .udp1316, .post: []
                case .put: ["-method", "PUT"]
                case .bodyUntilClose: ["-chunked_post", "0"]
                }
            }
        }

        @Test func `what ffmpeg pushes by any way moves in Chromium, the first picture within 300 ms`() throws {
            try Stage.run { stage in
                let browser = try stage.browser()
                for way in Way.allCases {
                    let relay = try stage.relay(Self.everyWay, listeners: NodeFile.listeners(3))
                    var settings = FFmpeg()
                    settings.options = way.options
                    let ffmpeg = try stage.ffmpeg(settings, to: try way.address(relay))
                    let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                    // More than a GOP is there: the page starts in its middle.
                    try viewer.waitForBytes(100_000, within: 15)

                    let page = try JSMpegPage(browser, webSocket: "ws://127.0.0.1:\(try relay.watchPort("http"))/")
                    defer { page.close() }
                    let state = try page.waitForMotion(within: 20)
                    let wait = try #require(state.openToPicture, "\(way): no picture")
                    print("first picture by \(way): \(Int(wait)) ms")
                    #expect(wait <= (isSanitized ? 1000 : 300), "\(way): the first picture took \(wait) ms")
                    #expect(state.errors.isEmpty && state.opens == 1, "\(way): \(state)")
                    #expect(ffmpeg.isRunning, "\(way): \(ffmpeg.text)")
                    ffmpeg.kill()
                    relay.process.kill()
                }
            }
        }

        @Test func `H.264 reads clean by HTTP and by TCP`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                var settings = FFmpeg()
                settings.codecs = .h264AAC
                _ = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                try viewer.waitForBytes(50_000, within: 15)
                for url in [
                    "http://127.0.0.1:\(try relay.watchPort("http"))/live/main.ts",
                    "tcp://127.0.0.1:\(try relay.watchPort("tcp"))",
                ] {
                    let probe = try Probe.run(url)
                    #expect(probe.complaints.isEmpty, "\(url): \(probe.complaints)")
                    #expect(Set(probe.codecs) == ["h264", "aac"] && probe.pictures > 40, "\(url): \(probe)")
                }
            }
        }

        @Test(arguments: [(10, true), (60, false)])
        func `a viewer of a long GOP starts at once while the way back is short, else at the next random access point`(
            seconds: Int, startsAtOnce: Bool
        ) throws {
            try Stage.run { stage in
                // At 200 kbit/s and 25 pictures a second: 400 KiB, the most that a WebSocket viewer goes back, last 16 s.
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                var settings = FFmpeg()
                settings.codecs = .mpeg1Only
                settings.gopPictures = seconds * 25
                settings.videoRate = startsAtOnce ? "200k" : "1500k"
                _ = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let first = try stage.tcp(port: try relay.watchPort("tcp"))
                try first.waitForBytes(startsAtOnce ? 60_000 : 700_000, within: 20)
                let viewer = try stage.webSocket(port: try relay.watchPort("http"))
                if startsAtOnce {
                    try viewer.waitForBytes(50_000, within: 2)
                    let verdict = TransportStreamJudge(received: viewer.received, reference: first.received)
                    #expect(verdict.isExact && verdict.firstPacket < 10, "\(verdict)")
                } else {
                    try first.waitForMore(200_000, within: 10)
                    #expect(
                        viewer.receivedCount == 0,
                        "a viewer got \(viewer.receivedCount) bytes of a GOP it cannot start in")
                    let tcp = try stage.tcp(port: try relay.watchPort("tcp"))
                    try tcp.waitForBytes(700_000, within: 5)  // goes back as far as GopBytes
                }
            }
        }

        @Test func `audio alone plays and passes unchanged`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                var settings = FFmpeg()
                settings.codecs = .mp2Only
                _ = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                try viewer.waitForBytes(20_000, within: 15)
                let page = try stage.jsmpeg("ws://127.0.0.1:\(try relay.watchPort("http"))/")
                try waitUntil("sound plays", within: 15) { try page.state().audioFrames > 20 }
                let probe = try Probe.run("http://127.0.0.1:\(try relay.watchPort("http"))/live/main.ts")
                #expect(probe.complaints.isEmpty && probe.codecs == ["mp2"], "\(probe)")
            }
        }

        @Test func `two programs pass whole and the node's page plays the first`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.first(more: try playerSection), listeners: NodeFile.listeners())
                var settings = FFmpeg()
                settings.codecs = .twoPrograms
                _ = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                try viewer.waitForBytes(150_000, within: 15)
                let probe = try Probe.run("http://127.0.0.1:\(try relay.watchPort("http"))/live/main.ts")
                #expect(probe.complaints.isEmpty && probe.codecs.filter { $0 == "mp2" }.count == 2, "\(probe)")
                let page = try NodePage(
                    try stage.browser(), "http://127.0.0.1:\(try relay.watchPort("http"))/live/main")
                try page.waitForMotion(within: 20)
                #expect(try page.text("#notes").contains("2 programs"))
            }
        }
    }
}
