package import LoopIO

/// One part of an accepted connection's life: its request, its WebSocket, or its last words.
///
/// The listener keeps it, and the socket's closures hold it, until it closes or hands the socket over to the next part.
/// Those closures capture it alone: such a closure takes no memory of its own, which counts with thousands of viewers.
package class ServedConnection {
    package let connection: TCPConnection
    let listener: HTTPListener
    /// It has closed, or the next part has the socket. The last one here: a subclass's small properties lie beside it.
    private(set) final var isOver = false

    init(listener: HTTPListener, connection: TCPConnection) {
        self.listener = listener
        self.connection = connection
    }

    /// Whether more than a head is awaited or under way.
    var isBusy: Bool { true }

    /// Called from the listener's sweep.
    func tick(nowMs: Int64) {}

    func didRead(_ bytes: Span<UInt8>) {}

    /// The client sends no more; the failure that tells it, or nil at its FIN.
    func inputEnded(_ error: IOError?) { close() }

    /// Called once, when the connection has been closed in this part.
    func didClose() {}

    final func readOn() {
        connection.startReading(onRead: { self.didRead($0) }, onEnd: { self.inputEnded($0) })
    }

    /// A write that fails closes the connection.
    final func watchWrites() { connection.onWritten = { self.didWrite($0) } }

    private func didWrite(_ error: IOError?) {
        if error != nil { close() }
    }

    /// Closes at once, without a word.
    final func close() {
        guard !isOver else { return }
        isOver = true
        connection.close()
        listener.forget(self)
        didClose()
    }

    /// The socket has gone to another loop.
    final func leave() {
        isOver = true
        listener.forget(self)
    }

    /// The socket is another part's from here on, which sets closures of its own.
    final func handOver(to next: ServedConnection) {
        isOver = true
        listener.replace(self, by: next)
    }

    /// Sends the last bytes and FIN; nothing that comes in is used any more.
    final func finish(_ bytes: [UInt8], hasInputEnded: Bool = false) {
        guard !isOver else { return }
        let farewell = Farewell(listener: listener, connection: connection, hasInputEnded: hasInputEnded)
        handOver(to: farewell)
        farewell.start(bytes)
    }
}

extension ServedConnection: Hashable {
    package static func == (one: ServedConnection, other: ServedConnection) -> Bool { one === other }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

@available(*, unavailable) extension ServedConnection: Sendable {}
