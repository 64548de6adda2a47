import LoopIO

/// One viewer: its connection, the answer to its request, and the check of every packet.
///
/// About 1.5 KB with the connection; what arrives is looked at in the loop's buffer.
final class LoadViewer {
    enum Habit: Equatable {
        case quick
        /// Reads at most so many bytes a second.
        case slow(bytesPerSecond: Double)
        /// Never reads.
        case stalled
    }

    enum State: Equatable {
        case waiting, dialling, reading
        /// By us: nothing is wrong.
        case left
        /// By the server, the network, or what came.
        case ended(String)
    }

    let habit: Habit
    private(set) var state = State.waiting
    private(set) var stream = ViewerStream(.bare)
    /// When it was dialled.
    private(set) var startUs: Int64 = 0
    /// When the head of the answer was whole or, without one, when the first byte came; nil before.
    private(set) var answeredUs: Int64?
    private(set) var gap = GapMeter()
    /// Whether it watches from before the measuring on, and so is not of the storm.
    let isStanding: Bool

    private unowned let worker: LoadWorker
    private var connection: TCPConnection?
    /// Nil once the stream has begun.
    private var head: HeadReader? = HeadReader()
    private var isResting = false
    /// When a slow viewer got its first bytes: the time before allows it nothing.
    private var paceStartUs: Int64?

    init(_ worker: LoadWorker, habit: Habit, isStanding: Bool = true) {
        self.worker = worker
        self.habit = habit
        self.isStanding = isStanding
    }

    var checker: StreamChecker { stream.checker }

    /// Whether it counts: what slow ones miss is their own fault.
    var isQuick: Bool { habit == .quick }

    /// It watches no more, and not by our doing.
    var hasEnded: Bool { if case .ended = state { true } else { false } }

    // MARK: Connecting

    func dial(from source: SocketAddress?) {
        state = .dialling
        startUs = monotonicUs()
        do throws(IOError) {
            connection = try TCPConnection.connect(loop: worker.loop, to: worker.address, from: source) {
                [unowned self] error in
                if let error { end("\(error)") } else { connected() }
            }
        } catch {
            end("\(error)")
        }
    }

    private func connected() {
        guard let connection else { return }
        state = .reading
        worker.viewerConnected()
        connection.setNoDelay()
        if worker.request.bytes.isEmpty { head = nil }
        do throws(IOError) {
            try connection.write(worker.request.bytes)
        } catch {
            return end("\(error)")
        }
        switch habit {
        case .quick: startReading()
        case .slow:
            // Its own kernel must not hide from the server that it is slow.
            connection.setReceiveBuffer(bytes: 32 << 10)
            startReading()
        case .stalled: break
        }
    }

    private func startReading() {
        connection?.startReading(
            onRead: { [unowned self] bytes in didRead(bytes) },
            onEnd: { [unowned self] error in end(error.map { "\($0)" } ?? "the server closed the connection") })
    }

    // MARK: Reading

    private func didRead(_ bytes: Span<UInt8>) {
        guard head != nil else { return take(bytes) }
        switch head?.take(bytes) {
        case .incomplete, nil: break
        case .tooLong: end("the head of the answer is too long")
        case .complete(let offset):
            let answer = worker.request.judge(head?.head ?? [])
            head = nil
            switch answer {
            case .refused(let reason): end(reason)
            case .stream(let framing):
                answeredUs = monotonicUs()
                stream = ViewerStream(framing)
                if offset < bytes.count { take(bytes.extracting(offset..<bytes.count)) }
            }
        }
    }

    private func take(_ bytes: Span<UInt8>) {
        let nowUs = monotonicUs()
        answeredUs = answeredUs ?? nowUs
        // Right here, since a late tick would let it read what it must not.
        defer { pace(nowUs: nowUs) }
        let hadPicture = stream.checker.firstPictureUs != nil
        let hadPackets = stream.checker.packets
        do throws(StreamFault) {
            let control = try stream.take(
                bytes, nowUs: nowUs, delays: &worker.delays, counts: worker.isMeasuring && isQuick)
            let packets = stream.checker.packets
            worker.didRead(packets: packets - hadPackets)
            if packets > hadPackets { gap.packetsCame(nowUs: nowUs) }
            if hadPackets == 0, packets > 0, isQuick { worker.viewerBegan() }
            if !hadPicture, let pictureUs = stream.checker.firstPictureUs, isQuick, isStanding {
                worker.firstPictures.add(pictureUs - startUs)
            }
            for frame in control { answer(frame) }
            if stream.isFinished { end("the server ended the stream") }
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

    /// Called after each read, and by the worker every few milliseconds: lets a slow viewer read or rest.
    func pace(nowUs: Int64) {
        guard case .slow(let bytesPerSecond) = habit, state == .reading, let connection, connection.bytesRead > 0
        else { return }
        let sinceUs = paceStartUs ?? nowUs
        paceStartUs = sinceUs
        let allowed = bytesPerSecond * Double(nowUs - sinceUs) / 1e6
        let mustRest = Double(connection.bytesRead) > allowed
        guard mustRest != isResting else { return }
        isResting = mustRest
        if mustRest { connection.stopReading() } else { startReading() }
    }

    // MARK: Measuring

    func beginMeasuring() { gap.begin() }

    /// One that ended before has told its gap by being lost.
    func endMeasuring(nowUs: Int64) {
        guard state == .reading else { return }
        gap.end(nowUs: nowUs)
    }

    // MARK: Ending

    /// Leaves as a user does who closes the page.
    func leave() {
        guard state != .left else { return }
        if case .ended = state { return }
        state = .left
        connection?.close()
        connection = nil
    }

    private func end(_ reason: String) {
        guard state == .reading || state == .dialling else { return }
        let hadConnected = state == .reading
        state = .ended(reason)
        connection?.close()
        connection = nil
        worker.viewerEnded(self, reason: reason, hadConnected: hadConnected)
    }
}
