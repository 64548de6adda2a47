package import LoopIO
import Testing

/// One TCP connection from the test's side, on the loop under test; what arrives is collected.
package final class LoopClient {
    package let connection: TCPConnection
    package private(set) var bytes: [UInt8] = []
    package private(set) var isConnected = false
    package private(set) var hasEnded = false
    package private(set) var failure: IOError?

    /// Dials; `reads` false leaves everything in the kernel.
    package init(_ loop: EventLoop, to address: SocketAddress, reads: Bool = true) throws {
        let dialled = Dialled()
        connection = try TCPConnection.connect(loop: loop, to: address) { dialled.done($0) }
        dialled.done = { [weak self] error in
            guard let self else { return }
            self.failure = error
            self.isConnected = error == nil
            self.hasEnded = error != nil
            if reads, error == nil { self.read() }
        }
    }

    /// A connection that was accepted by the test.
    package init(accepted connection: TCPConnection, reads: Bool = true) {
        self.connection = connection
        isConnected = true
        if reads { read() }
    }

    deinit { connection.close() }

    private final class Dialled { var done: (IOError?) -> Void = { _ in } }

    package func read() {
        connection.startReading(
            onRead: { [unowned self] span in span.withUnsafeBufferPointer { self.bytes += $0 } },
            onEnd: { [unowned self] error in
                self.hasEnded = true
                self.failure = error
            })
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Of an HTTP answer; 0 while there is none.
    package var status: Int { Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0 }

    /// What stands behind the head of an HTTP answer.
    package var body: [UInt8] {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= 4 else { return [] }
        for index in 0...(bytes.count - 4) where bytes[index] == 13 && Array(bytes[index..<index + 4]) == mark {
            return Array(bytes[(index + 4)...])
        }
        return []
    }

    package func send(_ bytes: [UInt8]) throws { try connection.write(bytes) }
    package func send(_ text: String) throws { try connection.write(Array(text.utf8)) }
    package func close() { connection.close() }
}
