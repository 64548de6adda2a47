import TestSupport
import Testing

extension EndToEnd {
    /// JSMpeg never dies, whatever the line and the encoders do.
    @Suite struct DamageTests {
        private static let seconds = isLongRun ? 60.0 : 5.0

        /// What reaches a viewer of the WebSocket while damage goes in by UDP: whole pictures alone, and it goes on.
        @Test(arguments: [StreamDamage.drops, .bitFlips, .lostBytes, .truncatedPictures, .midPictureEnd])
        func `JSMpeg goes on through damage that comes by UDP`(_ damage: StreamDamage) throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let damaged = damage.applied(to: sample)
                let relay = try stage.relay(NodeFile.first(["UDP"]), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                let viewer = try stage.webSocket(port: port)
                let page = try stage.jsmpeg("ws://127.0.0.1:\(port)/")
                _ = try stage.send(
                    damaged, port: try relay.pushPort(), form: .udp(datagram: 1316), bytesPerSecond: 120_000,
                    loops: Int(Self.seconds / 5) + 2)
                try page.waitForPictures(25, within: 15)
                try page.forgetGap()
                let end = Deadline(Self.seconds)
                while !end.hasPassed { try page.waitForPictures(10, within: 8) }
                let state = try page.state()
                #expect(state.errors.isEmpty && state.opens == 1, "\(state)")
                #expect(state.longestGap < 6000, "no picture for \(state.longestGap) ms")
                // A picture with flipped bits that still decodes is whole as it was sent.
                let reference = damage == .bitFlips ? damaged : sample
                let pictures = PictureJudge(received: viewer.received, reference: reference)
                #expect(pictures.allAreWhole && pictures.pictures > 50, "\(pictures)")
                let report = try JSONValue(parsing: try HTTPClient.request(port: port, path: "/live/main.json").text)
                #expect((report["drops"]["pictures"].number ?? 0) > 0, "\(report)")
            }
        }

        @Test(arguments: ["TCP", "UDP"])
        func `an evenly paced stream loses no picture, however long one takes on the line`(_ way: String) throws {
            try Stage.run { stage in
                // The first picture alone takes 330 ms at this pace.
                let bytes = try ReferenceStream.made(seconds: 8, kilobits: 1000)
                let rate = Double(bytes.count) / 8
                let relay = try stage.relay(NodeFile.first([way]), listeners: NodeFile.listeners())
                let viewer = try stage.webSocket(port: try relay.watchPort("http"))
                let form: StreamSender.Form = way == "UDP" ? .udp(datagram: 1316) : .tcp(slice: 1316)
                let sender = try stage.send(bytes, port: try relay.pushPort(), form: form, bytesPerSecond: rate)
                try sender.waitUntilSent(bytes: Int(rate * 3), within: 10)
                let verdict = TransportStreamJudge(received: viewer.received, reference: bytes)
                #expect(verdict.isExact && verdict.firstPacket <= 3 && verdict.packets > 1000, "\(verdict)")
            }
        }

        @Test func `JSMpeg goes on through ten changes of the publisher in the middle of a picture`() throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                let viewer = try stage.webSocket(port: port)
                let page = try stage.jsmpeg("ws://127.0.0.1:\(port)/")
                for change in 1...10 {
                    // Each one ends in the middle of a picture, by a close or by a reset.
                    let torn = TransportPackets(sample).endingInMidPicture().prefix(188 * 900 + 188 * 37 * change)
                    let sender = try stage.send(
                        Array(torn) + sample[torn.count..<torn.count + 90], port: try relay.pushPort(),
                        bytesPerSecond: 150_000)
                    try sender.waitUntilSent(within: 15)
                    sender.stop()
                }
                let last = try stage.send(sample, port: try relay.pushPort(), bytesPerSecond: 120_000, loops: 3)
                try page.waitForPictures(50, within: 15)
                let state = try page.state()
                #expect(state.errors.isEmpty && state.opens == 1 && state.closeCodes.isEmpty, "\(state)")
                _ = last
                let pictures = PictureJudge(received: viewer.received, reference: sample)
                #expect(pictures.allAreWhole, "\(pictures)")
            }
        }

        @Test func `a hidden tab is at the live edge within a second when it is shown`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.first(more: try playerSection), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                _ = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let browser = try stage.browser()
                let page = try NodePage(browser, "http://127.0.0.1:\(port)/live/main")
                try page.waitForMotion(within: 20)
                let tab = try browser.currentTab()
                _ = try browser.openTab()
                letPass(seconds: Self.seconds)
                let begin = monotonicSeconds()
                try browser.show(tab: tab)
                try page.waitForMotion(within: 5)
                let took = monotonicSeconds() - begin
                print("hidden tab: live again after \(Int(took * 1000)) ms")
                #expect(took < (isSanitized ? 3 : 1), "three different pictures took \(took) s")
            }
        }
    }
}
