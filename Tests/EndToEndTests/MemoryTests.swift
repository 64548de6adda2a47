import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What the node says of its memory, and whether it is true.
    @Suite struct MemoryTests {
        @Test func `what bounds the memory is one line at start, and told by check`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let line = try MemoryTests.memoryLine(of: relay)
                #expect(relay.events("node.memory").count == 1)
                for field in ["buffers=512M", "segments=6752", "lanes_per_stream=3", "viewer=", "viewer_kernel="] {
                    #expect(line.contains(field), "\(line)")
                }
                let file = try stage.folder.write("node.ini", NodeFile.first())
                let check = stage.keep(try RelayProcess.spawn(["check", file]))
                _ = try check.waitForExit(within: 5)
                #expect(check.text.contains("512M are 6752 segments of 64K"), "\(check.text)")
                #expect(check.text.contains("a viewer takes at most"), "\(check.text)")
            }
        }

        @Test(.disabled(if: isSanitized, "a sanitizer has memory of its own for every byte"))
        func `900 viewers take no more of the process than is said`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                let said = try MemoryTests.kibibytes("viewer", in: try MemoryTests.memoryLine(of: relay))
                // The first ones touch what all share. More in all than 1,000 would need a higher limit of descriptors.
                let early = try (0..<20).map { _ in try WebSocketClient.open(port: port) }
                let before = relay.process.residentBytes
                let viewers = try (0..<900).map { _ in try WebSocketClient.open(port: port) }
                let each = (relay.process.residentBytes - before) / viewers.count
                #expect(each <= said, "\(each) bytes")
                withExtendedLifetime(early) {}
            }
        }

        @Test func `of a viewer that never reads the kernel holds no more than is said`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let ports = [try relay.watchPort("http"), try relay.watchPort("tcp")]
                let said = try MemoryTests.kibibytes("viewer_kernel", in: try MemoryTests.memoryLine(of: relay))
                var deaf: [RawSocket] = []
                for path in ["/live/main", "/live/main.ts", ""] {
                    for _ in 0..<4 {
                        let socket = try RawSocket.connect(port: path.isEmpty ? ports[1] : ports[0])
                        if !path.isEmpty { try socket.send(MemoryTests.request(path)) }
                        deaf.append(socket)
                    }
                }
                let sample = try Samples.bytes(.mpeg1MP2)
                let loops = (6 << 20) / sample.count
                let sender = try stage.send(
                    sample, port: try relay.pushPort(), bytesPerSecond: 2_000_000, loops: loops, closesAtEnd: false)
                // Far more than two kernels hold, and as much after they are full.
                var most = 0
                var least = 0
                var held: [Int] = []
                try waitUntil("all was sent", within: 30) {
                    held = try MemoryTests.heldBytes(ports)
                    most = max(most, held.max() ?? 0)
                    least = held.count == deaf.count ? held.min() ?? 0 : 0
                    return sender.sentCount >= sample.count * loops
                }
                #expect(least > said / 4, "not all are full: \(held)\n\(relay.process.text)")
                #expect(most <= said, "\(most) bytes")
                withExtendedLifetime(deaf) {}
            }
        }

        /// A size of a log line, in bytes.
        private static func kibibytes(_ key: String, in line: String) throws -> Int {
            let word = line.split(separator: " ").first { $0.hasPrefix(key + "=") && $0.hasSuffix("K") }
            return try #require(word.flatMap { Int($0.dropFirst(key.count + 1).dropLast()) }, "\(line)") << 10
        }

        private static func memoryLine(of relay: RelayProcess) throws -> String {
            try relay.process.waitForLine("it says its memory", within: 10) { $0.contains(" node.memory ") }
        }

        private static func request(_ path: String) -> String {
            let upgrade =
                path.hasSuffix(".ts")
                ? ""
                : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            return "GET \(path) HTTP/1.1\r\nHost: node\r\n\(upgrade)\r\n"
        }

        /// Bytes that were not acknowledged or not sent, of each connection at these ports of the node.
        private static func heldBytes(_ ports: [Int]) throws -> [Int] {
            // Foundation takes the first short read of such a file for its end.
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/net/tcp"))
            defer { try? file.close() }
            var text: [UInt8] = []
            while let more = try file.read(upToCount: 1 << 16), !more.isEmpty { text += more }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
                let words = line.split(separator: " ")
                guard words.count > 4, words[3] == "01", let port = words[1].split(separator: ":").last,
                    ports.contains(Int(port, radix: 16) ?? 0)
                else { return nil }
                return words[4].split(separator: ":").first.flatMap { Int($0, radix: 16) }
            }
        }
    }
}
