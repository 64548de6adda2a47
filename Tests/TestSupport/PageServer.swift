import Foundation

/// Serves a few fixed texts to a browser on loopback.
package final class PageServer: @unchecked Sendable {
    // SAFETY: `stopping` is guarded by `lock`; the rest does not change after `init`.

    package let port: Int
    private let listener: RawSocket
    private let pages: [String: (type: String, bytes: [UInt8])]
    private let lock = NSLock()
    private var stopping = false

    /// - Parameter pages: by path without its query.
    package init(_ pages: [String: (type: String, bytes: [UInt8])]) throws {
        self.pages = pages
        listener = try RawSocket.listen()
        port = try listener.localPort
        Thread.detachNewThread { [self] in run() }
    }

    /// Takes no new connections from within a quarter of a second on.
    package func stop() {
        lock.lock()
        stopping = true
        lock.unlock()
    }

    private func run() {
        while !isStopping {
            guard let socket = try? listener.accept(within: 0.25) else { continue }
            Thread.detachNewThread { [self] in
                _ = try? answer(socket)  // a browser that leaves early is its own affair
            }
        }
        listener.close()
    }

    private var isStopping: Bool {
        lock.lock()
        defer { lock.unlock() }
        return stopping
    }

    private func answer(_ socket: RawSocket) throws {
        defer { socket.close() }
        var request: [UInt8] = []
        while request.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let part = try socket.receive(within: 10)
            guard !part.isEmpty else { return }
            request += part
        }
        let words = String(decoding: request.prefix { $0 != 13 }, as: UTF8.self).split(separator: " ")
        let path = words.count > 1 ? String(words[1].prefix { $0 != "?" }) : ""
        let page = pages[path]
        let body = page?.bytes ?? Array("not here".utf8)
        let head =
            "HTTP/1.1 \(page == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: \(page?.type ?? "text/plain")\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        try socket.send(Array(head.utf8) + body)
        socket.finishSending()
        _ = try socket.receiveToEnd(within: 5)
    }
}
