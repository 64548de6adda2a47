import CUV
import Glibc

/// Writes lines to a file or to stderr from a thread of its own, so that a stalled reader of the log stops nobody.
///
/// What does not fit into the queue is dropped and counted, and the count is written as one line when there is room.
package final class LogWriter: Sendable {
    package enum Destination: Sendable, Equatable {
        case standardError
        /// Appended to; made when it is not there.
        case file(String)
        /// A descriptor of the caller's, which stays open.
        case descriptor(Int32)
    }

    package static let linesMax = 4096
    package static let bytesMax = 1 << 20

    private let destination: Destination
    private let dropsLine: @Sendable (UInt64) -> String
    private let failureLine: @Sendable (String) -> String
    private let lock = Lock()
    // SAFETY: a condition variable is made for several threads; everything else is used under `lock`, but for
    // `descriptor`, which is the writer thread's alone once it runs.
    private nonisolated(unsafe) let somethingToDo: UnsafeMutablePointer<uv_cond_t>
    private nonisolated(unsafe) let somethingDone: UnsafeMutablePointer<uv_cond_t>
    private nonisolated(unsafe) var lines: [String] = []
    private nonisolated(unsafe) var queuedBytes = 0
    private nonisolated(unsafe) var unreportedDrops: UInt64 = 0
    private nonisolated(unsafe) var allDrops: UInt64 = 0
    private nonisolated(unsafe) var isBusy = false
    private nonisolated(unsafe) var isReopening = false
    private nonisolated(unsafe) var isClosing = false
    private nonisolated(unsafe) var hasEnded = false
    private nonisolated(unsafe) var descriptor: Int32

    /// - Parameters:
    ///   - dropsLine: makes the line that tells how many lines were lost; called on the writer's thread.
    ///   - failureLine: makes the line that tells why the file could not be opened again; likewise.
    /// - Throws: `.failed(.openFile)` or `.failed(.startThread)`.
    package init(
        _ destination: Destination,
        dropsLine: @escaping @Sendable (UInt64) -> String = { "warn log.dropped lines=\($0)" },
        failureLine: @escaping @Sendable (String) -> String = { "error log.failed why=\"\($0)\"" }
    ) throws(IOError) {
        self.destination = destination
        self.dropsLine = dropsLine
        self.failureLine = failureLine
        // A file that reaches the limit of the process must be an error of the write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        self.descriptor = try Self.open(destination)
        somethingToDo = .allocate(capacity: 1)
        somethingDone = .allocate(capacity: 1)
        precondition(uv_cond_init(somethingToDo) == 0 && uv_cond_init(somethingDone) == 0, "no memory for a condition")
        // SAFETY: the thread takes the retain over and gives it back when it ends, which `close()` asks for.
        let context = Unmanaged.passRetained(self).toOpaque()
        var thread = uv_thread_t()
        let status = uv_thread_create(
            &thread,
            { context in
                guard let context else { return }
                Unmanaged<LogWriter>.fromOpaque(context).takeRetainedValue().run()
            }, context)
        guard status == 0 else {
            Unmanaged.passUnretained(self).release()
            throw .failed(.startThread, code: status, nil)
        }
        // It may hang in a write for ever, so nobody waits for its end.
        _ = pthread_detach(thread)  // fails for a thread that is not there
    }

    deinit {
        uv_cond_destroy(somethingToDo)
        uv_cond_destroy(somethingDone)
        somethingToDo.deallocate()
        somethingDone.deallocate()
        if case .file = destination { _ = Glibc.close(descriptor) }  // every line was written or counted
    }

    /// Queues a line, without its line feed; from any thread, and without waiting.
    package func write(_ line: String) {
        lock.withLock {
            let bytes = line.utf8.count + 1
            guard !isClosing else {
                allDrops += 1
                return
            }
            guard lines.count < Self.linesMax, queuedBytes + bytes <= Self.bytesMax else {
                unreportedDrops += 1
                allDrops += 1
                uv_cond_signal(somethingToDo)
                return
            }
            lines.append(line)
            queuedBytes += bytes
            uv_cond_signal(somethingToDo)
        }
    }

    /// Lines that were dropped since the start.
    package var droppedLines: UInt64 { lock.withLock { allDrops } }

    /// Opens the file anew, after it was moved away; lines that are queued go to the new one.
    ///
    /// When it cannot be opened, the old one stays in use.
    package func reopen() {
        lock.withLock {
            isReopening = true
            uv_cond_signal(somethingToDo)
        }
    }

    /// Waits until everything is written, at most `timeoutMs`.
    ///
    /// - Returns: false when it was not.
    @discardableResult
    package func flush(timeoutMs: Int64) -> Bool {
        let endNs = uv_hrtime() + UInt64(max(0, timeoutMs)) * 1_000_000
        return lock.withLock {
            wait(untilNs: endNs) { !isBusy && lines.isEmpty && !isReopening && unreportedDrops == 0 }
        }
    }

    /// Writes what is queued and ends the thread; later lines are dropped.
    ///
    /// - Returns: false when that took longer than `timeoutMs`; the thread goes on by itself then.
    @discardableResult
    package func close(timeoutMs: Int64 = 500) -> Bool {
        let endNs = uv_hrtime() + UInt64(max(0, timeoutMs)) * 1_000_000
        return lock.withLock {
            isClosing = true
            uv_cond_signal(somethingToDo)
            return wait(untilNs: endNs) { hasEnded }
        }
    }

    /// Waits under the lock for the writer thread to bring the condition about.
    private func wait(untilNs endNs: UInt64, for condition: () -> Bool) -> Bool {
        while !condition() {
            let nowNs = uv_hrtime()
            guard nowNs < endNs else { return false }
            _ = uv_cond_timedwait(somethingDone, lock.pointer, endNs - nowNs)  // the loop looks again
        }
        return true
    }

    // MARK: The writer thread

    private func run() {
        // Lines that a full disk did not take; told with the next lines, since telling them alone would never end.
        var lost: UInt64 = 0
        while let batch = nextBatch() {
            if batch.isReopening { openAnew() }
            lost += batch.drops
            var text = batch.lines.joined(separator: "\n")
            if !batch.lines.isEmpty { text += "\n" }
            if lost > 0 { text += dropsLine(lost) + "\n" }
            let isWritten = Self.writeAll(text, to: descriptor)
            let lostHere = isWritten ? 0 : UInt64(batch.lines.count)
            lost = isWritten ? 0 : lost + lostHere
            lock.withLock {
                isBusy = false
                allDrops += lostHere
                uv_cond_broadcast(somethingDone)
            }
        }
    }

    /// Waits for work; nil when the writer was closed and nothing is left.
    private func nextBatch() -> (lines: [String], drops: UInt64, isReopening: Bool)? {
        lock.withLock {
            while lines.isEmpty && !isReopening && unreportedDrops == 0 {
                if isClosing {
                    hasEnded = true
                    uv_cond_broadcast(somethingDone)
                    return nil
                }
                uv_cond_wait(somethingToDo, lock.pointer)
            }
            let batch = (lines, unreportedDrops, isReopening)
            isBusy = true
            lines = []
            queuedBytes = 0
            unreportedDrops = 0
            isReopening = false
            return batch
        }
    }

    private func openAnew() {
        guard case .file = destination else { return }
        do throws(IOError) {
            let new = try Self.open(destination)
            _ = Glibc.close(descriptor)  // every line was written or counted
            descriptor = new
        } catch {
            _ = Self.writeAll(failureLine("\(error)") + "\n", to: descriptor)  // the next line will tell
        }
    }

    private static func open(_ destination: Destination) throws(IOError) -> Int32 {
        switch destination {
        case .standardError: return STDERR_FILENO
        case .descriptor(let descriptor): return descriptor
        case .file(let path):
            let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw .failed(.openFile, code: -errno, nil) }
            return descriptor
        }
    }

    /// - Returns: false when the descriptor takes nothing any more (a full disk, a reader that went away).
    private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var left = UnsafeRawBufferPointer(bytes)
            while !left.isEmpty {
                let count = Glibc.write(descriptor, left.baseAddress, left.count)
                if count >= 0 {
                    left = UnsafeRawBufferPointer(rebasing: left[count...])
                } else if errno == EAGAIN {
                    // Someone made the terminal non-blocking: wait here for what write would have waited for.
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)  // the write tells
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
