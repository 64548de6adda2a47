import Foundation

/// One viewer of a `ViewerCrowd`: takes WebSocket frames apart and follows the reference, byte for byte, as it reads.
final class CrowdViewer {
    enum Habit: Equatable {
        /// Reads whatever is there.
        case quick
        /// Reads so many bytes per second at most.
        case slow(bytesPerSecond: Double)
        /// Reads nothing until told.
        case stalled
    }

    let socket: RawSocket
    var habit: Habit
    private let reference: ReferenceStream
    private let keepsBytes: Bool

    /// Bytes of the stream that came.
    private(set) var count = 0
    /// Kept for those that are judged by pictures.
    private(set) var bytes: [UInt8] = []
    /// Times the stream did not go on where it should have: a gap, or a byte that is not the reference's.
    private(set) var breaks = 0
    private(set) var hasEnded = false
    private(set) var failure: String?
    /// Packet of the reference that comes next; nil before the first picture.
    private(set) var position: Int?
    /// When the next read of a slow viewer is due.
    var nextReadAt = 0.0
    /// The most that a packet was behind the moment it was sent, in seconds.
    private(set) var longestLag = 0.0

    private var frame: [UInt8] = []
    private var partOfPacket: [UInt8] = []

    init(_ client: WebSocketClient, _ reference: ReferenceStream, habit: Habit, keepsBytes: Bool) {
        socket = client.socket
        frame = client.answer.body
        self.reference = reference
        self.habit = habit
        self.keepsBytes = keepsBytes
    }

    /// Reads once.
    ///
    /// - Parameter sentAt: the moment at which a packet of the reference was sent.
    func read(into buffer: inout [UInt8], sentAt: (Int) -> Double) {
        let count = recv(socket.number, &buffer, buffer.count, 0)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count > 0 else {
            hasEnded = true
            failure = count < 0 ? String(cString: strerror(errno)) : "closed"
            return
        }
        frame += buffer[..<count]
        takeFrames()
        if case .slow(let rate) = habit { nextReadAt = monotonicSeconds() + Double(count) / rate }
        if let position, position > 0 { longestLag = max(longestLag, monotonicSeconds() - sentAt(position - 1)) }
    }

    private func takeFrames() {
        var at = 0
        while frame.count - at >= 2 {
            var length = Int(frame[at + 1] & 0x7f)
            var start = at + 2
            if length == 126 {
                guard frame.count - at >= 4 else { break }
                length = Int(frame[at + 2]) << 8 | Int(frame[at + 3])
                start = at + 4
            } else if length == 127 {
                guard frame.count - at >= 10 else { break }
                length = (2..<10).reduce(0) { $0 << 8 | Int(frame[at + $1]) }
                start = at + 10
            }
            guard frame.count >= start + length else { break }
            switch frame[at] & 0x0f {
            case 2: follow(start, start + length)
            case 9: answer(ping: frame[start..<start + length])
            case 8: failure = "close \(Int(frame[start]) << 8 | Int(frame[start + 1]))"
            default: break
            }
            at = start + length
        }
        frame.removeFirst(at)
    }

    /// Sends the pong that a live client owes (RFC 6455 5.5.2), masked with zeros.
    private func answer(ping payload: ArraySlice<UInt8>) {
        let pong = [0x8a, 0x80 | UInt8(payload.count & 0x7f), 0, 0, 0, 0] + payload
        _ = send(socket.number, pong, pong.count, Int32(MSG_NOSIGNAL))  // a lost pong shows as a lost viewer
    }

    /// The stream's bytes of one message.
    private func follow(_ start: Int, _ end: Int) {
        count += end - start
        if keepsBytes { bytes += frame[start..<end] }
        let size = TransportPackets.size
        guard (end - start) % size == 0 else {
            breaks += 1
            return
        }
        var at = start
        while at < end {
            if let position {
                let length = min(end - at, reference.byteCount - position * size)
                let isSame = frame.withUnsafeBytes { frame in
                    reference.packets.bytes.withUnsafeBytes { reference in
                        guard let left = frame.baseAddress, let right = reference.baseAddress else { return true }
                        return memcmp(left + at, right + position * size, length) == 0
                    }
                }
                if isSame && length == end - at {
                    self.position = position + length / size
                    return
                }
                breaks += 1
                self.position = nil
            }
            // Tables ahead of the picture with which it joins, or what it finds itself in after a jump.
            if let picture = reference.picture(startingWith: frame[at..<at + size]) {
                position = picture
            } else {
                at += size
            }
        }
    }
}
