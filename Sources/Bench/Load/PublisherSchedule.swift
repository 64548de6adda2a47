/// Which packets are to be sent by now, and how late they are; reads no clock.
struct PublisherSchedule: Sendable {
    /// Bytes that are made at once at most: what is more waits for the next turn.
    static let bytesPerTurnMax = 1 << 20

    private(set) var maker: StreamMaker
    /// How late a packet was made that opened a turn, in microseconds.
    private(set) var lateness = DelayHistogram()
    private var startUs: Int64?
    private var isEnding = false

    init(_ shape: StreamShape) {
        maker = StreamMaker(shape)
    }

    /// The number of the last packet that was made; nil before the first.
    var lastNumber: UInt64? { maker.number == 0 ? nil : maker.number - 1 }

    /// The last picture has been made to its end.
    var hasEnded: Bool { isEnding && maker.isAtPicture }

    /// No picture begins from here on.
    mutating func end() { isEnding = true }

    mutating func forgetLateness() { lateness.removeAll() }

    /// Appends what is due, each packet with `nowUs` as its time.
    ///
    /// - Parameters:
    ///   - nowUs: of the monotonic clock; the first call is the start of the stream.
    ///   - stopsAtRandomAccess: ends before the next PAT, since another connection is to begin with it.
    mutating func appendDue(to bytes: inout [UInt8], nowUs: Int64, stopsAtRandomAccess: Bool = false) {
        let start = startUs ?? nowUs
        startUs = start
        let elapsed = nowUs - start
        let end = bytes.count + Self.bytesPerTurnMax
        if maker.dueUs <= elapsed, !hasEnded { lateness.add(elapsed - maker.dueUs) }
        while maker.dueUs <= elapsed, !hasEnded, bytes.count < end {
            if stopsAtRandomAccess, maker.isAtRandomAccess { return }
            maker.append(to: &bytes, sentUs: UInt64(nowUs))
        }
    }
}
