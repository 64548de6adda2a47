import LoopIO
import TransportStream

/// Reads a stream from the network for a while, on a loop of its own, and hands it to the analysis.
final class ProbeReader {
    private let url: StreamURL
    private let loop: EventLoop
    private let request: WatchRequest
    private var head: HeadReader?
    private var stripper = StreamStripper(.bare)
    private var aligner = PacketAligner()
    private var analysis = ProbeAnalysis()
    private var connection: TCPConnection?
    private var socket: UDPSocket?
    private var startUs: Int64 = 0
    private var ending: String?

    private init(_ url: StreamURL) throws(IOError) {
        self.url = url
        loop = try EventLoop()
        request = WatchRequest(url)
        head = request.bytes.isEmpty ? nil : HeadReader()
    }

    /// Reads for so long, or until the stream or a signal ends it.
    ///
    /// - Throws: what keeps it from being asked for.
    static func read(_ url: StreamURL, seconds: Double) throws(IOError) -> ProbeReport {
        let address = try url.resolved()
        let reader = try ProbeReader(url)
        defer { reader.loop.close() }
        try reader.read(address, seconds: seconds)
        var report = ProbeReport(name: "\(url)", analysis: reader.analysis)
        report.bytesSkipped = reader.aligner.bytesSkipped
        report.syncLosses = reader.aligner.syncLosses
        report.startUs = reader.startUs
        report.ending = reader.ending
        return report
    }

    private func read(_ address: SocketAddress, seconds: Double) throws(IOError) {
        let timer = try LoopTimer(loop: loop) { [unowned self] in loop.stop() }
        let watcher = try SignalWatcher(loop: loop, signals: [.interrupt, .terminate]) { [unowned self] _ in loop.stop()
        }
        startUs = monotonicUs()
        if url.scheme == .udp {
            let socket = try UDPSocket(loop: loop, address: address)
            _ = socket.setReceiveBuffer(bytes: 4 << 20)
            try socket.startReceiving { [unowned self] bytes, _ in
                let nowUs = monotonicUs()
                aligner.alignDatagram(bytes) { analysis.take($0, nowUs: nowUs) }
            }
            self.socket = socket
        } else {
            connection = try TCPConnection.connect(loop: loop, to: address) { [unowned self] error in
                if let error { end("\(error)") } else { connected() }
            }
        }
        timer.start(afterMs: Int64(seconds * 1000))
        loop.run()
        connection?.close()
        socket?.close()
        timer.close()
        watcher.close()
    }

    private func connected() {
        guard let connection else { return }
        connection.startReading(
            onRead: { [unowned self] bytes in didRead(bytes) },
            onEnd: { [unowned self] error in end(error.map { "\($0)" } ?? "the server closed the connection") })
        do throws(IOError) { try connection.write(request.bytes) } catch { end("\(error)") }
    }

    private func didRead(_ bytes: Span<UInt8>) {
        guard head != nil else { return take(bytes) }
        switch head?.take(bytes) {
        case .incomplete, nil: break
        case .tooLong: end("the head of the answer is too long")
        case .complete(let offset):
            let answer = request.judge(head?.head ?? [])
            head = nil
            switch answer {
            case .refused(let reason): end(reason)
            case .stream(let framing):
                stripper = StreamStripper(framing)
                if offset < bytes.count { take(bytes.extracting(offset..<bytes.count)) }
            }
        }
    }

    private func take(_ bytes: Span<UInt8>) {
        let nowUs = monotonicUs()
        do throws(StreamFault) {
            let control = try stripper.strip(bytes) { content in
                aligner.align(content) { analysis.take($0, nowUs: nowUs) }
            }
            for frame in control { answer(frame) }
            if stripper.isFinished { end("the server ended the stream") }
        } catch {
            end("not a stream: \(error)")
        }
    }

    private func answer(_ frame: FrameStripper.Control) {
        switch frame {
        case .close(let code): end("the server closed with \(code)")
        case .ping(let payload):
            // Masked with zeros (RFC 6455 5.3), which changes nothing.
            let pong = [0x8a, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
            do throws(IOError) { try connection?.write(pong) } catch { end("\(error)") }
        }
    }

    private func end(_ reason: String) {
        ending = ending ?? reason
        loop.stop()
    }
}

@available(*, unavailable) extension ProbeReader: Sendable {}
