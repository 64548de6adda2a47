import HTTPServer
import LoopIO

/// A client by a connection of the kernel's, on the server's own loop.
final class DialledClient {
    let connection: TCPConnection
    private let stage: FuzzStage
    private(set) var bytes: [UInt8] = []
    private(set) var hasEnded = false

    init(_ stage: FuzzStage) throws(IOError) {
        self.stage = stage
        stage.beginConversation()
        var result: IOError??
        connection = try TCPConnection.connect(loop: stage.loop, to: stage.listener.localAddress) { error in
            result = .some(error)
        }
        // The kernel answers for the server before the server has accepted; a reset in between is no connection to it.
        let accepted = stage.listener.counters.accepted
        _ = stage.run { result != nil && stage.listener.counters.accepted > accepted }
        if case .some(.some(let error)) = result { throw error }
        connection.startReading(
            onRead: { [unowned self] span in self.bytes.append(copying: span) },
            onEnd: { [unowned self] _ in self.hasEnded = true })
    }

    /// Sends a piece and lets the server read it before the next; nothing once the server has ended the
    /// conversation.
    func send(_ piece: Span<UInt8>) throws(IOError) {
        guard !hasEnded else { return }
        try connection.write([UInt8](copying: piece))
        stage.loop.runOnce()
    }
}
