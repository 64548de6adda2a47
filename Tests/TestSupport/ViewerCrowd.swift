import Foundation

/// Hundreds of WebSocket viewers on one thread, each held against the reference as it reads.
package final class ViewerCrowd: @unchecked Sendable {
    // SAFETY: everything is used under `lock`; the thread takes it for one round at a time.

    /// What one viewer has to show at the end.
    package struct Report: Sendable {
        package let count: Int
        package let breaks: Int
        package let position: Int
        package let longestLag: Double
        package let failure: String?
        package let bytes: [UInt8]
    }

    private let lock = NSLock()
    private let reference: ReferenceStream
    private let packetsPerSecond: Double
    private var viewers: [CrowdViewer] = []
    private var sendingSince = 0.0
    private var stopping = false
    private var isRunning = true

    /// - Parameter bytesPerSecond: the pace at which the reference is sent.
    package init(_ reference: ReferenceStream, bytesPerSecond: Double) {
        self.reference = reference
        packetsPerSecond = bytesPerSecond / Double(TransportPackets.size)
        Thread.detachNewThread { [self] in run() }
    }

    /// Says that the reference is being sent from this moment on.
    package func sendingBegan() { locked { sendingSince = monotonicSeconds() } }

    /// Adds viewers.
    ///
    /// - Parameter rate: bytes per second that each reads at most: nil for all that comes, 0 for nothing.
    /// - Returns: their numbers.
    @discardableResult
    package func join(
        _ count: Int, port: Int, rate: Double? = nil, keepsBytes: Bool = false
    ) throws -> Range<Int> {
        let habit: CrowdViewer.Habit = rate.map { $0 == 0 ? .stalled : .slow(bytesPerSecond: $0) } ?? .quick
        var joined: [CrowdViewer] = []
        for _ in 0..<count {
            // A slow viewer's own system must not hide from the relay that it is slow.
            let client = try WebSocketClient.open(port: port, receiveBuffer: rate == nil ? nil : 65_536)
            joined.append(CrowdViewer(client, reference, habit: habit, keepsBytes: keepsBytes))
        }
        return locked {
            viewers += joined
            return viewers.count - count..<viewers.count
        }
    }

    /// Lets viewers that stalled or were slow read all that comes.
    package func hurry(_ range: Range<Int>) {
        locked { for index in range { viewers[index].habit = .quick } }
    }

    package func reports(_ range: Range<Int>) -> [Report] {
        locked {
            viewers[range].map { viewer in
                Report(
                    count: viewer.count, breaks: viewer.breaks, position: viewer.position ?? -1,
                    longestLag: viewer.longestLag, failure: viewer.failure, bytes: viewer.bytes)
            }
        }
    }

    package func stop() {
        locked { stopping = true }
        _ = try? waitUntil("the crowd's thread ends", within: 5) { !locked { isRunning } }
        locked { for viewer in viewers { viewer.socket.close() } }
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var entries: [pollfd] = []
        var numbers: [Int] = []
        while !locked({ stopping }) {
            entries.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
            locked {
                let now = monotonicSeconds()
                for (number, viewer) in viewers.enumerated() where !viewer.hasEnded {
                    guard viewer.habit != .stalled, viewer.habit == .quick || viewer.nextReadAt <= now else { continue }
                    entries.append(pollfd(fd: viewer.socket.number, events: Int16(POLLIN), revents: 0))
                    numbers.append(number)
                }
            }
            guard poll(&entries, nfds_t(entries.count), 5) > 0 else { continue }
            locked {
                for (place, number) in numbers.enumerated() where entries[place].revents != 0 {
                    let slice: (Int) -> Double = { [sendingSince, packetsPerSecond] in
                        sendingSince + Double($0) / packetsPerSecond
                    }
                    viewers[number].read(into: &buffer, sentAt: slice)
                }
            }
        }
        locked { isRunning = false }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
