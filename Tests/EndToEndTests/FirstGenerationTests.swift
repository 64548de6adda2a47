import TestSupport
import Testing

extension EndToEnd {
    /// The files of the first generation run as they are; only their ports come from the environment, to be free ones.
    @Suite struct FirstGenerationTests {
        private static func file(_ name: String) -> String { Files.repository + "/configs/first-generation/" + name }

        private func expectPictures(
            _ stage: Stage, leaves files: [String], leaf environment: [String: String]
        ) throws {
            let ports = ["TSRELAY_PUSHSTREAM_PORT": "0", "TSRELAY_CUSTOM_PORT": "0"]
            let leaves = try files.map { name in
                try stage.relay(
                    file: Self.file(name), listeners: 2, environment: ports.merging(environment) { $1 }, name: name)
            }
            let children = try leaves.map { String(try $0.pushPort("udp")) }.joined(separator: ",")
            let root = try stage.relay(
                file: Self.file("normal.ini"), listeners: 1,
                environment: ["TSRELAY_BACKSTREAM_PORT": "0", "TSRELAY_DISPATCH_PORTS": children], name: "normal.ini")
            _ = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try root.pushPort("tcp"))")
            let browser = try stage.browser()
            for leaf in leaves {
                let page = try JSMpegPage(browser, webSocket: "ws://127.0.0.1:\(try leaf.watchPort("http"))/")
                defer { page.close() }
                try page.waitForMotion(within: 20)
            }
        }

        @Test func `its demo shows a picture at both leaves`() throws {
            try Stage.run { stage in
                try expectPictures(stage, leaves: ["extra1.ini", "extra2.ini"], leaf: [:])
            }
        }

        @Test func `its template with a filter for TCP viewers shows a picture too`() throws {
            try Stage.run { stage in
                #expect(try Files.text(Self.file("template.ini")).contains("FilterIps"))
                try expectPictures(
                    stage, leaves: ["template.ini", "template.ini"],
                    leaf: [
                        "TSRELAY_APP_RUNMODE": "extra", "TSRELAY_PUSHSTREAM_PROTOCOL": "UDP",
                        "TSRELAY_CUSTOM_PROTOCOL": "WEBSOCKET", "TSRELAY_DISPATCH_PROTOCOL": "CUSTOM",
                    ])
            }
        }

        @Test func `its template refuses TCP viewers at the filtered address and serves others`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    file: Self.file("template.ini"), listeners: 2,
                    environment: ["TSRELAY_BACKSTREAM_PORT": "0", "TSRELAY_CUSTOM_PORT": "0"])
                let port = try relay.watchPort("tcp")
                let other = stage.collect(TCPSource(try RawSocket.connect(port: port, from: "127.0.0.2")))
                let filtered = try stage.tcp(port: port)
                try filtered.waitForEnd(within: 5)
                _ = try stage.send(try Samples.bytes(.mpeg1MP2), port: try relay.pushPort("tcp"))
                try other.waitForBytes(100_000, within: 10)
                #expect(filtered.receivedCount == 0)
                #expect(relay.log.contains("127.0.0.1"), "\(relay.log)")
            }
        }
    }
}
