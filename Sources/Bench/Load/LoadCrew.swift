import LoopIO

/// The workers of a run with their threads, as the thread that runs the whole sees them.
final class LoadCrew {
    /// A worker behind its mailbox.
    private struct Member {
        let mailbox: Mailbox
        let board: WorkerBoard
        let thread: LoopThread
        let ask: (@escaping @Sendable (LoadWorker) -> Void) -> Void
    }

    private var members: [Member] = []
    private var isFinished = false

    /// Makes the workers and starts their threads.
    ///
    /// - Throws: what keeps a loop, a thread or the processors from being had.
    init(_ options: LoadOptions, watch: SocketAddress?, publish: SocketAddress?) throws(IOError) {
        let sources = try Self.sources(options, watch)
        var habits = Self.habits(options)[...]
        var firstIndex = 0
        for number in 0..<options.threads {
            let share = Self.share(options, ofThread: number)
            let count = share.standing
            let loop = try EventLoop()
            var publisher: Publisher?
            if number == 0, let url = options.publish, let publish {
                publisher = Self.publisher(options, url, publish, loop)
            }
            let worker = try LoadWorker(
                loop: loop, options: options, address: watch ?? .loopbackIPv4, sources: sources,
                habits: Array(habits.prefix(count)), storm: share.storm, firstIndex: firstIndex, publisher: publisher)
            habits = habits.dropFirst(count)
            firstIndex += count + share.storm
            members.append(
                try Self.member(worker, core: options.cores.isEmpty ? nil : options.cores[number % options.cores.count])
            )
        }
    }

    private static func publisher(
        _ options: LoadOptions, _ url: StreamURL, _ address: SocketAddress, _ loop: EventLoop
    ) -> Publisher? {
        // The options were checked when they were read.
        guard let shape = try? options.shape() else { return nil }
        return Publisher(
            loop: loop, url: url, address: address, shape: shape, changeSeconds: options.publisherChangeSeconds)
    }

    private static func member(_ worker: LoadWorker, core: Int?) throws(IOError) -> Member {
        let mailbox = worker.loop.mailbox
        let board = worker.board
        let thread = try LoopThread(
            running: worker.loop,
            setUp: {
                guard let core else { return }
                do throws(IOError) {
                    try ThreadClock.pin(to: [core])
                } catch {
                    Console.complain("tsbench load: --cores \(core): \(error); not pinned")
                }
            })
        // SAFETY: from here on the worker is its loop's: what is posted to the mailbox alone touches it.
        nonisolated(unsafe) let far = worker
        return Member(mailbox: mailbox, board: board, thread: thread) { work in
            mailbox.post { work(far) }
        }
    }

    /// How many viewers a thread has: those who stand are shared out evenly, but the last of several threads has the
    /// storm to itself.
    static func share(_ options: LoadOptions, ofThread number: Int) -> (standing: Int, storm: Int) {
        let hasOwn = options.storm > 0 && options.threads > 1
        let sharers = hasOwn ? options.threads - 1 : options.threads
        guard number < sharers else { return (0, options.storm) }
        let standing = (options.viewerCount + sharers - number - 1) / sharers
        return (standing, hasOwn ? 0 : options.storm)
    }

    /// Each viewer's habit; slow and stalled ones are spread evenly over all.
    static func habits(_ options: LoadOptions) -> [LoadViewer.Habit] {
        let count = options.viewerCount
        var habits = [LoadViewer.Habit](repeating: .quick, count: count)
        let special = min(options.slow + options.stalled, count)
        let bytesPerSecond = Double(options.bitsPerSecond) / 8 * 0.7
        for number in 0..<special {
            habits[number * count / special] = number < options.slow ? .slow(bytesPerSecond: bytesPerSecond) : .stalled
        }
        return habits
    }

    /// 127.0.0.1 and on: as many as were asked for or, one for 25,000 viewers, as are needed.
    private static func sources(_ options: LoadOptions, _ watch: SocketAddress?) throws(IOError) -> [SocketAddress] {
        guard let watch, watch.isLoopback, watch.isIPv4 else { return [] }
        let count = options.sources > 0 ? options.sources : (options.allViewerCount + 24_999) / 25_000
        guard count > 1 else { return [] }
        var addresses: [SocketAddress] = []
        for number in 1...count { addresses.append(try SocketAddress(parsing: "127.0.0.\(number)", port: 0)) }
        return addresses
    }

    var statuses: [WorkerStatus] { members.map { $0.board.read().status } }

    /// How often all workers have written their status at least.
    var reports: Int { members.map { $0.board.read().writes }.min() ?? 0 }

    func startPublisher() { members.first?.ask { $0.startPublisher() } }
    func dialViewers() { tellAll { $0.dialViewers() } }
    func beginMeasuring() { tellAll { $0.beginMeasuring() } }
    func endMeasuring() { tellAll { $0.endMeasuring() } }
    func report(lastSent: UInt64?) { tellAll { $0.report(lastSent: lastSent) } }

    /// Ends the threads; a last status of each is on its board then.
    func finish(lastSent: UInt64?) {
        guard !isFinished else { return }
        isFinished = true
        tellAll {
            $0.report(lastSent: lastSent)
            $0.finish()
        }
        for member in members { member.thread.join() }
    }

    private func tellAll(_ work: @escaping @Sendable (LoadWorker) -> Void) {
        for member in members { member.ask(work) }
    }
}

@available(*, unavailable) extension LoadCrew: Sendable {}
