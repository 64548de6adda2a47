/// Lets only whole pictures through.
///
/// JSMpeg never renders again after one truncated MPEG-1 picture, while whole pictures may be missing at no harm. So the
/// gate holds a picture until its end is seen, and drops it if it came damaged: a continuity gap or a transport error
/// on its PID, no believable end, too many bytes, too long a wait. Packets of other PIDs are never dropped, and what
/// passes keeps its order.
///
/// Counters can not show everything: sixteen lost packets look like none, and flipped bits like good ones. So each
/// picture is also read to its last bit (`MPEG1Check`, 11 ns a byte), from the source's first sequence header on. A
/// source that is not MPEG-1, or whose pictures never read well, is judged by its counters alone.
///
///     var gate = PictureGate(videoPID: 0x100)
///     gate.pass(chunk, mark) { bytes, mark in lane.append(bytes, mark) }
///     if let deadline = gate.holdDeadlineMs { timer.start(at: deadline) }  // then gate.expire(nowMs:)
package struct PictureGate {
    private enum State {
        /// No picture is open: the last one ended, or none came yet.
        case between

        /// A picture is held in the queue.
        case open

        /// What is left of a dropped picture is dropped too.
        case dropping
    }

    /// Whether filling in the very first packet of a picture shows that it is the only one. It does with ffmpeg; an
    /// encoder that fills the first packets of long pictures would have them cut in two, so it is tried first.
    private enum StuffedStart { case untried, endsPicture, meansNothing }

    /// The longest believable time from one picture to the next in decoding order.
    private static let pictureTicksMax = Timestamp.ticksPerSecond

    /// Pictures after which a source is one that the check does not understand: its PES may not be pictures.
    private static let unsoundPicturesMax = 25

    package private(set) var picturesDropped: UInt64 = 0

    /// Packets of the video PID, those of dropped pictures and those that the sender sent twice.
    package private(set) var packetsDropped: UInt64 = 0

    /// What may wait for a picture's end where nothing else is said. A steady sender takes a third of a second for one
    /// random access point (4 Mbit/s, GOP 1 s), and nothing is lost by waiting: a picture is shown when its end is there.
    package static let heldBytesMax = 512 << 10
    package static let heldMsMax: Int64 = 1000

    private let videoPID: UInt16
    private let heldBytesMax: Int
    private let heldMsMax: Int64
    private let readsPictures: Bool

    private var queue = GateQueue()
    private var state = State.between
    private var continuity = ContinuityCounter()
    private var progress = PESProgress()

    /// Of the picture that started last.
    private var decodingTime: Timestamp?
    private var isRandomAccess = false
    private var arrivalMs: Int64 = 0

    private var stuffedStart = StuffedStart.untried

    /// The last packet of the PID started a picture and was filled.
    private var lastWasStuffedStart = false

    private var check = MPEG1Check()

    /// What came of the open picture behind its PES header.
    private var elementary: [UInt8] = []

    /// A picture of this source was sound, so all its pictures can be judged.
    private var hasSoundPictures = false

    /// Pictures of this source that were unsound before any was sound.
    private var unsoundPictures = 0

    /// The source changed: pictures are dropped until decoding can start.
    private var awaitsRandomAccess = false

    /// - Parameters:
    ///   - videoPID: of the pictures; packets of all other PIDs pass.
    ///   - heldBytesMax: bytes that may wait for a picture's end, other PIDs included.
    ///   - heldMsMax: milliseconds that they may wait.
    ///   - readsPictures: pictures are read to their last bit.
    package init(
        videoPID: UInt16, heldBytesMax: Int = PictureGate.heldBytesMax, heldMsMax: Int64 = PictureGate.heldMsMax,
        readsPictures: Bool = true
    ) {
        self.videoPID = videoPID
        self.heldBytesMax = heldBytesMax
        self.heldMsMax = heldMsMax
        self.readsPictures = readsPictures
    }

    /// A picture waits for its end.
    package var isHolding: Bool { state == .open }

    /// When `expire` is due, in milliseconds of the loop's clock; nil while nothing waits.
    package var holdDeadlineMs: Int64? { isHolding ? arrivalMs &+ heldMsMax : nil }

    /// Takes the next chunk of the stream.
    ///
    /// - Parameters:
    ///   - chunk: whole packets, of at most one picture of the video PID.
    ///   - mark: of the chunk.
    ///   - out: gets what may pass, in order: runs of packets that followed each other, with the marks of their chunks.
    ///     A chunk of which packets are dropped comes out in parts, each with its own position, and its flags are left
    ///     only on the part that they are about.
    package mutating func pass(_ chunk: Span<UInt8>, _ mark: ChunkMark, _ out: (Span<UInt8>, ChunkMark) -> Void) {
        queue.begin(mark)
        var offset = 0
        while chunk.count &- offset >= TSPacket.size {
            let header = PacketHeader(chunk, at: offset)
            if header.pid == videoPID {
                take(chunk, at: offset, header, mark)
            } else {
                queue.append(packetAt: offset, isVideo: false, isUndecided: false)
            }
            offset &+= TSPacket.size
        }
        if isHolding, queue.bytesWaiting(chunk) > heldBytesMax {
            dropPicture()
        } else if isHolding, mark.arrivalMs &- arrivalMs >= heldMsMax {
            stopWaiting()
        }
        queue.release(chunk, out)
    }

    /// Lets go of the held picture if it has waited too long: it passes if it reads well to its end, which only the next
    /// picture would have shown, else it is dropped. Called when `holdDeadlineMs` is reached.
    package mutating func expire(nowMs: Int64, _ out: (Span<UInt8>, ChunkMark) -> Void) {
        guard let deadline = holdDeadlineMs, nowMs >= deadline else { return }
        stopWaiting()
        queue.release(out)
    }

    /// The next chunk comes from another source: a held picture will never end, and pictures of the new source are
    /// dropped until decoding can start.
    package mutating func sourceChanged(_ out: (Span<UInt8>, ChunkMark) -> Void) {
        if isHolding { dropPicture() }
        queue.release(out)
        state = .dropping
        continuity = ContinuityCounter()
        decodingTime = nil
        lastWasStuffedStart = false
        awaitsRandomAccess = true
        check = MPEG1Check()
        hasSoundPictures = false
        unsoundPictures = 0
    }

    // MARK: - Packets of the video PID

    private mutating func take(_ chunk: Span<UInt8>, at offset: Int, _ header: PacketHeader, _ mark: ChunkMark) {
        var isSound = !header.hasTransportError && !header.isMalformed
        switch continuity.follow(header, end: PacketHeader.lastBytes(chunk, at: offset)) {
        case .follows:
            break
        case .jumps, .gap:
            // The picture before it, if still open, and this one, if it does not start here, lack packets.
            if isHolding { dropPicture() }
            if !header.startsPayload { isSound = false }
            lastWasStuffedStart = false
        case .duplicate, .duplicateAgain:
            // A player that does not know duplicates would take the bytes twice.
            packetsDropped &+= 1
            return
        }
        if header.startsPayload {
            startPicture(chunk, at: offset, header, mark, isSound: isSound)
        } else {
            goOn(chunk, at: offset, header, mark, isSound: isSound)
        }
    }

    private mutating func startPicture(
        _ chunk: Span<UInt8>, at offset: Int, _ header: PacketHeader, _ mark: ChunkMark, isSound: Bool
    ) {
        let pes = isSound && !header.isScrambled ? PESHeader(parsing: chunk, header.payload) : nil
        if lastWasStuffedStart, isSound, stuffedStart == .untried {
            stuffedStart = .endsPicture
            if isHolding { pictureEnded() }
        }
        if isHolding {
            // Nothing but this start shows the end of the picture before. After a loss, or another encoder's first
            // picture, the counter follows by chance once in 16 times: the time must follow as well.
            if isSound, !progress.isShort, isNext(pes?.decodingTime) { pictureEnded() } else { dropPicture() }
        }

        state = .open
        decodingTime = pes?.decodingTime
        isRandomAccess = mark.flags.contains(.randomAccess)
        arrivalMs = mark.arrivalMs
        queue.append(packetAt: offset, isVideo: true, isUndecided: true)
        guard isSound, pes != nil || header.isScrambled else {
            dropPicture()
            return
        }
        elementary.removeAll(keepingCapacity: true)
        if readsPictures, let pes {
            elementary.append(copying: chunk.extracting(pes.elementaryStart..<header.payload.upperBound))
        }
        let ends = progress.start(header, packetBytes: pes?.packetBytes)
        lastWasStuffedStart = ends && pes?.packetBytes == nil
        if ends, !lastWasStuffedStart || stuffedStart == .endsPicture { pictureEnded() }
    }

    private mutating func goOn(
        _ chunk: Span<UInt8>, at offset: Int, _ header: PacketHeader, _ mark: ChunkMark, isSound: Bool
    ) {
        if !header.hasPayload, isSound, state != .dropping {
            // A clock reference alone: part of a picture, or of nothing.
            queue.append(packetAt: offset, isVideo: true, isUndecided: isHolding)
            return
        }
        if lastWasStuffedStart, header.hasPayload { stuffedStart = .meansNothing }
        lastWasStuffedStart = false
        switch state {
        case .open where isSound:
            if mark.flags.contains(.randomAccess) { isRandomAccess = true }
            queue.append(packetAt: offset, isVideo: true, isUndecided: true)
            if readsPictures { elementary.append(copying: chunk.extracting(header.payload)) }
            if progress.take(header) { pictureEnded() }
        case .open:
            dropPicture()
            packetsDropped &+= 1
        case .between:
            // Its start is missing.
            picturesDropped &+= 1
            packetsDropped &+= 1
            state = .dropping
        case .dropping:
            packetsDropped &+= 1
        }
    }

    private func isNext(_ time: Timestamp?) -> Bool {
        guard let time, let decodingTime else { return false }
        return 1...Self.pictureTicksMax ~= time.ticks(since: decodingTime)
    }

    private mutating func pictureEnded() {
        guard !progress.isOverfull, isRandomAccess || !awaitsRandomAccess, readsWell() else {
            dropPicture()
            return
        }
        awaitsRandomAccess = false
        queue.passUndecided()
        state = .between
    }

    private mutating func readsWell() -> Bool {
        guard readsPictures else { return true }
        let bytes = elementary
        switch check.judge(bytes.span) {
        case .sound:
            hasSoundPictures = true
            return true
        case .unknown:
            return true
        case .unsound where hasSoundPictures:
            return false
        case .unsound:
            unsoundPictures += 1
            return unsoundPictures > Self.unsoundPicturesMax
        }
    }

    private mutating func stopWaiting() {
        // A picture of less than five a second that fills its last packet would else never pass.
        if readsPictures, hasSoundPictures, !progress.isShort { pictureEnded() } else { dropPicture() }
    }

    private mutating func dropPicture() {
        picturesDropped &+= 1
        packetsDropped &+= queue.dropUndecided()
        state = .dropping
    }
}
