import TestSupport
import Testing

extension EndToEnd {
    /// What is refused is answered, closed and counted, and the viewers never see a byte of it.
    @Suite struct RefusalTests {
        /// A node with a publisher, a viewer of it, and what the viewer may see.
        private func watched(
            _ stage: Stage, _ ini: String, listeners: Int, way: String = "tcp", path: String = ""
        ) throws -> (relay: RelayProcess, viewer: Collector, sender: StreamSender) {
            let relay = try stage.relay(ini, listeners: listeners)
            let viewer = try stage.webSocket(port: try relay.watchPort("http"))
            let form: StreamSender.Form =
                way == "http" ? .http(method: "POST", path: path, body: .chunked) : .tcp(slice: 1316)
            let sender = try stage.send(
                try Samples.bytes(.mpeg1MP2), port: try relay.pushPort(way), form: form, bytesPerSecond: 150_000,
                loops: 20)
            try viewer.waitForBytes(60_000, within: 10)
            return (relay, viewer, sender)
        }

        private func expectUntouched(_ viewer: Collector, _ comment: String) throws {
            try viewer.waitForMore(60_000, within: 10)
            let pictures = PictureJudge(received: viewer.received, reference: try twice())
            #expect(pictures.allAreWhole && pictures.missing == 0 && !viewer.hasEnded, "\(comment): \(pictures)")
        }

        private func twice() throws -> [UInt8] {
            let sample = try Samples.bytes(.mpeg1MP2)
            return sample + sample
        }

        @Test func `a wrong secret is answered with 403, none with 401, and no byte is used`() throws {
            try Stage.run { stage in
                let (relay, viewer, _) = try watched(
                    stage, NodeFile.first(["HTTP"], secret: "s3cret"), listeners: 3, way: "http", path: "/s3cret")
                let port = try relay.pushPort("http")
                let body = try Samples.bytes(.h264AAC)
                for (path, status) in [
                    ("/wrong", 403), ("/s3cre", 403), ("/s3crett", 403), ("/", 401), ("/live/main", 401),
                    ("/live/main?secret=wrong", 403),
                ] {
                    let socket = try RawSocket.connect(port: port)
                    defer { socket.close() }
                    try socket.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                    _ = try? socket.send(Array("ffff\r\n".utf8) + body.prefix(0xffff), within: 3)  // it may have closed
                    let answer = try HTTPClient.reply(on: socket, within: 5)
                    #expect(answer.status == status, "\(path): \(answer.statusLine)")
                    _ = try? socket.receiveToEnd(within: 3)
                }
                try expectUntouched(viewer, "wrong secrets")
            }
        }

        @Test func `an address that is not allowed is closed by TCP, UDP and HTTP`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.first(
                        ["TCP", "UDP", "HTTP"], more: "[authority]\nUse = True\nIps = 10.1.2.3, 2001:db8::/32\n"),
                    listeners: 5)
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                let sample = try Samples.bytes(.mpeg1MP2)
                let socket = try RawSocket.connect(port: try relay.pushPort("tcp"))
                defer { socket.close() }
                _ = try? socket.send(Array(sample.prefix(10_000)))
                #expect(try socket.receiveToEnd(within: 3).bytes.isEmpty)
                let datagrams = try RawSocket.datagrams()
                for at in stride(from: 0, to: 131_600, by: 1316) {
                    try datagrams.send(Array(sample[at..<at + 1316]), to: "127.0.0.1", port: try relay.pushPort("udp"))
                }
                let answer = try? HTTPClient.request(
                    "POST", port: try relay.pushPort("http"), path: "/", body: Array(sample.prefix(18_800)))
                #expect(answer == nil || answer?.status == 403)
                let report = try HTTPClient.request(port: try relay.watchPort("http"), path: "/live/main.json")
                #expect(try JSONValue(parsing: report.text)["state"].string == "waiting", "\(report.text)")
                #expect(viewer.receivedCount == 0)
            }
        }

        @Test func `a second publisher is refused while the first one sends`() throws {
            try Stage.run { stage in
                let ini = NodeFile.first(["TCP", "HTTP"], more: "[stream]\nTakeover = reject\n")
                let (relay, viewer, sender) = try watched(stage, ini, listeners: 4)
                let other = try Samples.bytes(.h264AAC)
                let socket = try RawSocket.connect(port: try relay.pushPort("tcp"))
                defer { socket.close() }
                _ = try? socket.send(other, within: 3)  // it may be closed before all went
                _ = try socket.receiveToEnd(within: 5)
                let answer = try HTTPClient.request(
                    "POST", port: try relay.pushPort("http"), path: "/", body: Array(other.prefix(188_000)))
                #expect(answer.status == 409, "\(answer.statusLine)")
                #expect(sender.failureText == nil)
                try expectUntouched(viewer, "second publisher")
            }
        }

        @Test func `garbage instead of a transport stream never reaches viewers`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                var random = SeededRandom(seed: 7)
                let garbage = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
                let socket = try RawSocket.connect(port: try relay.pushPort())
                defer { socket.close() }
                _ = try? socket.send(garbage, within: 5)  // it is closed before all went
                _ = try socket.receiveToEnd(within: 5)
                #expect(viewer.receivedCount == 0)
                _ = try stage.send(try Samples.bytes(.mpeg1MP2), port: try relay.pushPort())
                try viewer.waitForBytes(50_000, within: 5)
            }
        }

        @Test func `heads that are too large, too slow or wrong are refused, and a flood of them hurts no viewer`()
            throws
        {
            try Stage.run { stage in
                let (relay, viewer, _) = try watched(stage, NodeFile.first(["TCP", "HTTP"]), listeners: 4)
                for port in [try relay.pushPort("http"), try relay.watchPort("http")] {
                    let large = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 20_000) + "\r\n\r\n"
                    #expect(try HTTPClient.exchange(port: port, large).status == 431)
                    let many = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: 150) + "\r\n"
                    #expect(try HTTPClient.exchange(port: port, many).status == 431)
                    for wrong in [
                        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "\0\0\0\0\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                    ] {
                        let status = try HTTPClient.exchange(port: port, wrong).status
                        #expect((400...499).contains(status) || status == 501, "\(wrong.debugDescription): \(status)")
                    }
                }
                let slow = try RawSocket.connect(port: try relay.watchPort("http"))
                defer { slow.close() }
                try slow.send("GET / HTTP/1.1\r\nHost: ")
                let flood = try (0..<200).map { number in
                    let socket = try RawSocket.connect(port: try relay.pushPort("http"))
                    try socket.send("GET /\(number) HTTP/1.1\r\nX: ")
                    return socket
                }
                try expectUntouched(viewer, "a flood of heads")
                #expect(try HTTPClient.reply(on: slow, within: 12).status == 408)
                for socket in flood { socket.close() }
                try expectUntouched(viewer, "the flood's end")
            }
        }

        @Test func `MPEG-2 and H.264 never reach JSMpeg on the node's page, which says what to do`() throws {
            try Stage.run { stage in
                let browser = try stage.browser()
                for (codecs, word) in [(FFmpeg.Codecs.mpeg2MP2, "MPEG-2"), (.h264AAC, "H.264")] {
                    let relay = try stage.relay(NodeFile.first(more: try playerSection), listeners: 3)
                    var settings = FFmpeg()
                    settings.codecs = codecs
                    _ = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                    let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                    try viewer.waitForBytes(50_000, within: 15)
                    let page = try NodePage(browser, "http://127.0.0.1:\(try relay.watchPort("http"))/live/main")
                    try page.waitForState("refused", within: 10)
                    #expect(try page.text("#title").contains(word))
                    #expect(try page.text("#commands").contains("mpeg1video"))
                    #expect(try !page.hasJSMpeg && !page.hasCanvas)
                }
            }
        }
    }
}
