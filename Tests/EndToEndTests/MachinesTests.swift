import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The README's walk over three machines: its files as they are shipped, each on a network of its own with the
    /// address that the files name, joined as the walk says.
    @Suite struct MachinesTests {
        struct Machine {
            let network: NetworkNamespace
            let file: String

            func start() throws -> ChildProcess {
                let node = try network.start(
                    RelayProcess.executable, ["--config", Files.repository + "/configs/5-tree/" + file], name: file,
                    environment: ["SWIFT_BACKTRACE": "enable=no"])
                _ = try node.waitForLine("it is up", within: 15) { $0.contains(" node.started ") }
                return node
            }

            /// What the node says of the stream, asked at an address of its own.
            func report(_ address: String) throws -> String {
                try network.run("curl -sS --max-time 5 http://\(address):56001/live/main.json")
            }
        }

        @Test func `three machines show what the walk says`() throws {
            try Stage.run { stage in
                let studio = Machine(network: try NetworkNamespace(stage), file: "studio.ini")
                let region = Machine(
                    network: try NetworkNamespace(stage, beside: studio.network), file: "region-a.ini")
                let edge = Machine(network: try NetworkNamespace(stage, beside: studio.network), file: "edge-a1.ini")
                try studio.network.link(to: region.network, addresses: "192.0.2.10", "198.51.100.10")
                try region.network.link(to: edge.network, addresses: "198.51.100.10", "198.51.100.11")

                // Step 2: the edge alone.
                let leaf = try edge.start()
                #expect(leaf.text.contains("watch: http://198.51.100.11:56001/live/main"), "\(leaf.text)")
                #expect(try edge.report("198.51.100.11").contains("\"state\":\"waiting\""))

                // Step 3: the region finds its one child and tells of the other.
                var middle = try region.start()
                _ = try middle.waitForLine("the edge is connected", within: 10) {
                    $0.contains(" child.connected child=198.51.100.11:55001")
                }
                _ = try middle.waitForLine("the other edge is away", within: 20) {
                    $0.contains(" child.unreachable child=198.51.100.12:55001")
                }

                // Step 4: the studio and a push.
                let root = try studio.start()
                let push = try studio.network.start(
                    Files.repository + "/deploy/push.sh", ["tcp://127.0.0.1:50001"], name: "push.sh")
                defer { push.signal(SIGTERM) }
                try waitUntil("the leaf is live\n\(root.text)\n\(leaf.text)\n\(push.text)", within: 15) {
                    try edge.report("198.51.100.11").contains("\"state\":\"live\"")
                }
                #expect(try region.report("198.51.100.10").contains("\"codec\":\"mpeg1\""))
                let viewer = try edge.network.start(
                    "ffmpeg",
                    ["-hide_banner", "-loglevel", "error", "-i", "http://198.51.100.11:56001/live/main.ts"]
                        + ["-map", "0:v", "-c", "copy", "-t", "12", "-f", "null", "-"], name: "viewer")
                _ = try leaf.waitForLine("the stream's line", within: 15) {
                    $0.contains(" stream.status ") && $0.contains("state=live") && !$0.contains("kbps=0 ")
                }

                // Step 5: the region dies and comes back; the edge's viewer stays.
                #expect(viewer.isRunning, "\(viewer.text)")
                middle.kill()
                _ = try leaf.waitForLine("the edge misses its parent", within: 10) { $0.contains(" publisher.gone ") }
                middle = try region.start()
                try waitUntil("the leaf is live again\n\(leaf.text)", within: 15) {
                    try edge.report("198.51.100.11").contains("\"state\":\"live\"")
                }
                #expect(try viewer.waitForExit(within: 30) == .code(0), "\(viewer.text)")

                // Nobody but the parent may send to a link's port.
                let stranger = "ffmpeg -loglevel error -re -f lavfi -i testsrc2=size=64x64 -t 3 -f mpegts "
                _ = try? edge.network.run(stranger + "tcp://198.51.100.10:55000")
                #expect(middle.text.contains(" publisher.refused "), "\(middle.text)")
            }
        }

        @Test func `check draws the walk's tree`() throws {
            let files = ["studio", "region-a", "edge-a1"].map { Files.repository + "/configs/5-tree/\($0).ini" }
            let check = try RelayProcess.spawn(["check"] + files)
            #expect(try check.waitForExit(within: 10) == .code(0), "\(check.text)")
            #expect(check.text.contains("The tree:") && check.text.contains("TCP 198.51.100.10:55000"))
        }
    }
}
