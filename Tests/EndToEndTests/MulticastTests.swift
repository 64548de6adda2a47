import TestSupport
import Testing

extension EndToEnd {
    /// Encoders that send to a group; all of it stays on the loopback interface.
    @Suite struct MulticastTests {
        private static func file(group: String, source: String?) -> String {
            NodeFile.head + "[backstream]\nProtocol = UDP\nBind = \(group)\nPort = 0\nInterface = 127.0.0.1\n"
                + (source.map { "Source = \($0)\n" } ?? "") + "[dispatch]\nProtocol = CUSTOM\n"
                + "[custom]\nProtocol = WEBSOCKET\n" + NodeFile.anyPort
        }

        private func sender(_ stage: Stage, _ relay: RelayProcess, group: String, from address: String) throws {
            _ = try stage.ffmpeg(
                FFmpeg(),
                to: "udp://\(group):\(try relay.pushPort("udp"))?localaddr=\(address)&ttl=0&pkt_size=1316")
        }

        @Test func `what ffmpeg sends to a group reads clean by HTTP`() throws {
            try Stage.run { stage in
                let group = "239.255.77.10"
                let relay = try stage.relay(Self.file(group: group, source: nil), listeners: 2)
                try sender(stage, relay, group: group, from: "127.0.0.1")
                _ = try relay.process.waitForLine("the encoder is heard", within: 15) {
                    $0.contains("publisher.started")
                }
                let probe = try Probe.run("http://127.0.0.1:\(try relay.watchPort("http"))/live/main.ts")
                #expect(probe.complaints.isEmpty, "\(probe.complaints)")
                #expect(Set(probe.codecs) == ["mpeg1video", "mp2"] && probe.pictures > 40)
            }
        }

        @Test func `of two that send to a group, the one that Source names is heard`() throws {
            try Stage.run { stage in
                let group = "232.255.77.11"
                let relay = try stage.relay(Self.file(group: group, source: "127.0.0.3"), listeners: 2)
                try sender(stage, relay, group: group, from: "127.0.0.2")
                // The stranger sends for a while: its datagrams would have come first.
                let other = try stage.relay(Self.file(group: group, source: nil), listeners: 2)
                try sender(stage, other, group: group, from: "127.0.0.2")
                _ = try other.process.waitForLine("the stranger is heard", within: 15) {
                    $0.contains("publisher.started") && $0.contains("from=127.0.0.2:")
                }
                #expect(!relay.process.text.contains("publisher.started"))
                try sender(stage, relay, group: group, from: "127.0.0.3")
                _ = try relay.process.waitForLine("the source is heard", within: 15) {
                    $0.contains("publisher.started") && $0.contains("from=127.0.0.3:")
                }
                #expect(!relay.process.text.contains("from=127.0.0.2"))
            }
        }

        @Test func `an IPv6 group is heard from any source or from the one that is named`() throws {
            try Stage.run { stage in
                // A network of its own, with a wire whose other end is nowhere: loopback takes no IPv6 groups.
                let network = try NetworkNamespace(stage)
                try network.run(
                    """
                    ip link add wire type veth peer name end
                    ip link set end up
                    echo 1 > /proc/sys/net/ipv6/conf/end/disable_ipv6
                    ip addr add fd00::1/64 dev wire nodad
                    ip link set wire up
                    """)
                let folder = try TemporaryFolder()
                stage.atEnd { folder.remove() }
                var nodes: [ChildProcess] = []
                for (number, source) in [nil, "fd00::1", "2001:db8::1"].enumerated() {
                    let text = Self.file(group: "ff35::8000:7710", source: source)
                        .replacing("Interface = 127.0.0.1", with: "Interface = wire")
                        .replacing("Port = 0\nInterface", with: "Port = \(5000 + number)\nInterface")
                    let file = try folder.write("node\(number).ini", text)
                    let node = try network.start(RelayProcess.executable, ["--config", file], name: "node\(number)")
                    _ = try node.waitForLine("it is up", within: 15) { $0.contains(" node.started ") }
                    _ = try network.start(
                        "ffmpeg", FFmpeg().arguments(to: "udp://[ff35::8000:7710]:\(5000 + number)?pkt_size=1316"))
                    nodes.append(node)
                }
                for node in nodes.prefix(2) {
                    _ = try node.waitForLine("the encoder is heard", within: 15) {
                        $0.contains("publisher.started") && $0.contains("from=[fd00::1]:")
                    }
                }
                // The third one's encoder has sent all the while.
                _ = try nodes[0].waitForLine("a status line", within: 15) { $0.contains("stream.status") }
                #expect(!nodes[2].text.contains("publisher.started"), "\(nodes[2].text)")
            }
        }
    }
}
