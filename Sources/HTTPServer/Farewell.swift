import LoopIO

/// The end of a connection: sends the last bytes and FIN, then reads on for a moment, so that a client that is still
/// sending gets the answer instead of a reset. What it sends is thrown away.
final class Farewell: ServedConnection {
    private enum Phase {
        /// The last bytes wait for the kernel.
        case answering(AnswerWatch)
        /// They and FIN are out.
        case lingering(dueMs: Int64)
    }

    private var phase: Phase
    private var bytesThrownAway = 0
    private var hasInputEnded: Bool

    init(listener: HTTPListener, connection: TCPConnection, hasInputEnded: Bool) {
        phase = .answering(AnswerWatch(nowMs: listener.loop.nowMs, timing: listener.timing))
        self.hasInputEnded = hasInputEnded
        super.init(listener: listener, connection: connection)
    }

    func start(_ bytes: [UInt8]) {
        watchWrites()
        do throws(IOError) {
            try connection.write(bytes)
        } catch {
            return close()
        }
        connection.shutdown { self.didAnswer($0) }
        if !hasInputEnded { readOn() }
    }

    override func tick(nowMs: Int64) {
        switch phase {
        case .answering(var watch):
            let isDue = watch.isDue(nowMs: nowMs, queuedBytes: connection.queuedBytes)
            phase = .answering(watch)
            guard isDue else { return }
            listener.cut(connection.peer, .answerStalled, "it did not take its answer in time")
            connection.closeWithReset()
            close()
        case .lingering(let dueMs): if nowMs >= dueMs { close() }
        }
    }

    override func didRead(_ bytes: Span<UInt8>) {
        bytesThrownAway += bytes.count
        guard bytesThrownAway > HTTPListener.lingerBytesMax else { return }
        listener.cut(connection.peer, .lingered, "it went on sending after its answer")
        connection.closeWithReset()
        close()
    }

    override func inputEnded(_ error: IOError?) {
        hasInputEnded = true
        // A client may end its side and wait for the answer.
        if case .answering = phase, error == nil { return }
        close()
    }

    private func didAnswer(_ error: IOError?) {
        guard error == nil, !hasInputEnded else { return close() }
        phase = .lingering(dueMs: listener.loop.nowMs + listener.timing.lingerMs)
    }
}
