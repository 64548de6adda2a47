import Foundation

/// WebSocket viewers that a test drives step by step: what goes in next waits until each has got what went in before.
///
/// So it does not depend on the machine how often a node flushes, and what that costs can be counted.
package final class LockstepCrowd {
    private struct Viewer {
        let socket: RawSocket
        var meter = FrameMeter()
    }

    private var viewers: [Viewer] = []
    private var entries: [pollfd] = []
    private var buffer = [UInt8](repeating: 0, count: 262_144)
    /// Bytes of the stream that every viewer is to have.
    private var wanted = 0

    /// Lets so many viewers join.
    package init(_ count: Int, port: Int) throws {
        for _ in 0..<count {
            let client = try WebSocketClient.open(port: port)
            var viewer = Viewer(socket: client.socket)
            viewer.meter.take(client.answer.body[...])
            viewers.append(viewer)
            entries.append(pollfd(fd: client.socket.number, events: Int16(POLLIN), revents: 0))
        }
    }

    package var count: Int { viewers.count }

    /// Sends a picture and waits until every viewer has it.
    package func pass(_ picture: [UInt8], through sender: RawSocket, within seconds: Double = 20) throws {
        let deadline = Deadline(seconds)
        wanted += picture.count
        try sender.send(picture)
        while let late = viewers.first(where: { $0.meter.payloadBytes < wanted }) {
            guard poll(&entries, nfds_t(entries.count), deadline.milliseconds) > 0, !deadline.hasPassed else {
                throw TestFailure("a viewer has \(late.meter.payloadBytes) of \(wanted) bytes")
            }
            for index in entries.indices where entries[index].revents != 0 { try read(index) }
        }
    }

    package func close() { for viewer in viewers { viewer.socket.close() } }

    private func read(_ index: Int) throws {
        let count = recv(entries[index].fd, &buffer, buffer.count, 0)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count > 0 else { throw TestFailure("viewer \(index) was closed") }
        viewers[index].meter.take(buffer[..<count])
        guard viewers[index].meter.owesPong else { return }
        viewers[index].meter.owesPong = false
        let pong: [UInt8] = [0x8a, 0x80, 0, 0, 0, 0]  // empty as the ping was, and masked
        try viewers[index].socket.send(pong)
    }
}

/// Counts the stream's bytes in a WebSocket's frames (RFC 6455 5.2), and keeps nothing of them.
private struct FrameMeter {
    /// Bytes of binary messages so far.
    private(set) var payloadBytes = 0
    /// A ping came (RFC 6455 5.5.2).
    var owesPong = false
    private var head: [UInt8] = []
    private var bytesLeft = 0

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        var at = bytes.startIndex
        while at < bytes.endIndex {
            if bytesLeft > 0 {
                let count = min(bytesLeft, bytes.endIndex - at)
                bytesLeft -= count
                at += count
                if head[0] & 0x0f == 2 { payloadBytes += count }
            } else {
                head.append(bytes[at])
                at += 1
                guard let length = FrameMeter.payloadLength(of: head) else { continue }
                bytesLeft = length
                if head[0] & 0x0f == 9 { owesPong = true }
            }
            if bytesLeft == 0 { head.removeAll(keepingCapacity: true) }
        }
    }

    /// What a whole head says; nil while it is not whole. A server does not mask, and sends no frame of 64 KiB.
    private static func payloadLength(of head: [UInt8]) -> Int? {
        guard head.count >= 2 else { return nil }
        if head[1] < 126 { return Int(head[1]) }
        return head.count == 4 ? Int(head[2]) << 8 | Int(head[3]) : nil
    }
}
