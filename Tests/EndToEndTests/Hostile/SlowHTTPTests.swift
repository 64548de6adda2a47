import TestSupport
import Testing

extension EndToEnd {
    /// Clients that take their time: what they may take is counted from the begin, not from their last byte.
    @Suite struct SlowHTTPTests {
        private enum Port: String { case tcp, http, watch }

        private struct Client {
            let name: String
            let port: Port
            let first: String
            /// What it goes on with, four times a second.
            var drip = ""
            /// 0: closed without a word.
            var status = 408
        }

        private static let heads: [Client] = [
            Client(name: "nothing at all", port: .watch, first: ""),
            Client(name: "one letter", port: .watch, first: "G"),
            Client(name: "an empty line", port: .watch, first: "\r\n"),
            Client(name: "CR alone", port: .watch, first: "\r"),
            Client(name: "a request line", port: .watch, first: "GET / HTTP/1.1\r\n"),
            Client(name: "all but the last line", port: .watch, first: "GET / HTTP/1.1\r\nHost: a\r\n"),
            Client(name: "all but the last byte", port: .http, first: "GET / HTTP/1.1\r\nHost: a\r\n\r"),
            Client(name: "a target that grows", port: .watch, first: "GET /", drip: "a"),
            Client(name: "a method that grows", port: .http, first: "", drip: "G"),
            Client(name: "a value that grows", port: .http, first: "GET / HTTP/1.1\r\nHost: a\r\nX: ", drip: "b"),
            Client(name: "a name that grows", port: .watch, first: "GET / HTTP/1.1\r\nHost: a\r\n", drip: "X"),
            Client(name: "lines that go on", port: .http, first: "GET / HTTP/1.1\r\nHost: a\r\n", drip: "X: b\r\n"),
            Client(name: "blanks that go on", port: .watch, first: "GET / HTTP/1.1\r\nHost:", drip: " "),
        ]

        private static let post = "POST / HTTP/1.1\r\nHost: a\r\n"
        private static let bodies: [Client] = [
            Client(name: "a body of a length", port: .http, first: post + "Content-Length: 100000\r\n\r\n", drip: "x"),
            Client(
                name: "chunks of one byte", port: .http, first: post + "Transfer-Encoding: chunked\r\n\r\n",
                drip: "1\r\nG\r\n"),
            Client(name: "a body of one byte", port: .http, first: post + "Content-Length: 100000\r\n\r\nG"),
            Client(name: "a bare stream of sync bytes", port: .tcp, first: "G", drip: "G", status: 0),
            Client(name: "one byte of a bare stream", port: .tcp, first: "G", status: 0),
        ]

        @Test func `heads, and bodies without a packet, have ten seconds in all, however steadily they go on`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(["TCP", "HTTP"]), listeners: 4)
                let begin = monotonicSeconds()
                var open = try (SlowHTTPTests.heads + SlowHTTPTests.bodies).map { client in
                    let port =
                        client.port == .watch
                        ? try relay.watchPort("http") : try relay.pushPort(client.port.rawValue)
                    let socket = try RawSocket.connect(port: port)
                    try socket.send(client.first)
                    return (client: client, socket: socket)
                }
                // An encoder may have connected long before its camera runs.
                let waiting = try RawSocket.connect(port: try relay.pushPort("http"))
                try waiting.send(SlowHTTPTests.post + "Content-Length: 100000\r\n\r\n")
                while !open.isEmpty, monotonicSeconds() - begin < 15 {
                    for index in open.indices.reversed() where try open[index].socket.isReadable(within: 0) {
                        let (client, socket) = open.remove(at: index)
                        let took = monotonicSeconds() - begin
                        #expect(took > 9.5 && took < 12.5, "\(client.name): \(took) s")
                        let status = try? HTTPClient.reply(on: socket, within: 1).status
                        #expect(status ?? 0 == client.status, "\(client.name)")
                    }
                    for (client, socket) in open where !client.drip.isEmpty { _ = try? socket.send(client.drip) }
                    letPass(seconds: 0.25)
                }
                #expect(open.isEmpty, "\(open.map(\.client.name)) are still open")
                #expect(try !waiting.isReadable(within: 0))
            }
        }
    }
}
