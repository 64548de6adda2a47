import Foundation
import TestSupport

/// The life of a node in which calls fail for a while, or from its start on for ever.
///
/// While they do the node neither ends nor spins, and tells of it in few lines; when they do not any more it serves as
/// before, and has as many descriptors and as much memory. It stops when it is told to also while calls fail.
struct LastingFaultRun {
    /// How long the node is watched while nothing but the fault goes on.
    static let quietSeconds = 0.5
    /// Of one processor, in that time.
    static let processorShareMax = 0.25
    /// Calls that may fail in a second of it: 12 listeners that try ten times a second, datagrams, timers.
    static let failuresPerSecondMax = 400.0
    /// GOPs that the senders send while calls fail, at least.
    static let rounds = 10
    /// Lines of warnings and errors from the beginning of the fault to the end of the life.
    static let linesMax = 20
    /// What the heap may have grown by: after one visit and another the lanes of three loops hold up to 2.7 MB more or
    /// less. What nobody points to is found by the byte, where a sanitizer can tell.
    static let heapGrowthMax = 4 << 20

    let fault: Fault
    let telling: [String]

    struct Outcome: Sendable, CustomStringConvertible {
        let fault: String
        var hasStarted = true
        var share = 0.0
        var failuresPerSecond = 0.0
        var lines = 0
        var heapGrowth = 0

        var description: String {
            let numbers = [share * 100, failuresPerSecond].map { String(Int($0.rounded())) }
            return "\(fault): \(hasStarted ? "went on" : "refused to start"), processor \(numbers[0]) %, "
                + "\(numbers[1]) failures/s, \(lines) lines, heap \(heapGrowth)"
        }
    }

    func run() throws -> Outcome {
        var outcome: Outcome?
        try Stage.run { stage in
            let children = try FaultChildren()
            stage.atEnd { children.close() }
            let file = try stage.folder.write("node.ini", try FaultRun.file(children))
            let page = try FaultPage(path: stage.folder.file("page"))
            let node = stage.keep(
                try RelayProcess.spawn(
                    ["-c", file],
                    environment: try fault.environment(page: page).merging(["TSRELAY_APP_THREADS": "3"]) { $1 }))
            do {
                outcome = fault.when == .whileOn ? try live(node, children, page) : try start(node, page)
            } catch {
                throw TestFailure("\(fault): \(error)\n\(node.text)")
            }
        }
        guard let outcome else { throw TestFailure("\(fault): no outcome") }
        return outcome
    }

    // MARK: For ever

    /// A node may refuse to start with one line; else it idles, whoever comes, and stops when it is told to.
    private func start(_ node: ChildProcess, _ page: FaultPage) throws -> Outcome {
        var outcome = Outcome(fault: fault.description)
        try waitUntil("it runs or has ended", within: 3 * FaultRun.secondsMax) {
            !node.isRunning || node.output.contains { $0.contains(" node.memory ") }
        }
        guard node.output.contains(where: { $0.contains(" node.memory ") }) else {
            try FaultRun.expectRefusal(node)
            outcome.hasStarted = false
            return outcome
        }
        var newcomers: [RawSocket] = []
        defer { for socket in newcomers { socket.close() } }
        for address in node.output.flatMap(RelayProcess.addresses(in:)) where address.scheme != "udp" {
            newcomers.append(try RawSocket.connect(port: address.port))
            try? newcomers.last?.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")  // it may be closed by now
        }
        try watch(node, page, &outcome) {}
        try FaultRun.stop(node)
        return outcome
    }

    // MARK: For a while

    private func live(_ node: ChildProcess, _ children: FaultChildren, _ page: FaultPage) throws -> Outcome {
        var outcome = Outcome(fault: fault.description)
        try waitUntil("it runs", within: 3 * FaultRun.secondsMax) {
            node.output.contains { $0.contains(" node.memory ") } || !node.isRunning
        }
        // Once without a fault: what the node makes at the first time and keeps is none of it.
        var rehearsal = try FaultVisit(node, children)
        defer { rehearsal.close() }
        try rehearsal.expectService()
        try rehearsal.goOn(rounds: Self.rounds) { true }
        rehearsal.close()
        try waitUntil("the child is there again", within: FaultRun.secondsMax) {
            try children.look()
            return children.isLinked
        }
        let before = try atRest(node, page, descriptorsMax: nil)
        let linesBefore = complaints(node)

        var guests = try FaultVisit(node, children)
        defer { guests.close() }
        try guests.expectService()
        try page.set(isOn: true)
        try guests.goOn(rounds: Self.rounds) { try page.failures > 0 }
        try watch(node, page, &outcome) { try guests.sendDatagram() }
        try page.set(isOn: false)
        guests.close()

        // A sender that another loop has not heard of yet would count as coming after the next one.
        _ = try atRest(node, page, descriptorsMax: before.descriptors)
        try serve(node, children)
        let after = try atRest(node, page, descriptorsMax: before.descriptors)
        outcome.heapGrowth = after.heap - before.heap
        try FaultRun.expectNoLeak(page)
        // What it has to close then cannot be closed in order.
        try page.set(isOn: true)
        try FaultRun.stop(node)
        outcome.lines = complaints(node) - linesBefore
        try judge(outcome, node)
        return outcome
    }

    private func judge(_ outcome: Outcome, _ node: ChildProcess) throws {
        guard outcome.lines <= Self.linesMax else { throw TestFailure("\(outcome.lines) lines tell of it") }
        guard telling.isEmpty || telling.contains(where: { node.text.contains(" \($0) ") }) else {
            throw TestFailure("no line tells of it: one of \(telling)")
        }
        guard isSanitized || outcome.heapGrowth <= Self.heapGrowthMax else {
            throw TestFailure("the heap has grown by \(outcome.heapGrowth) bytes")
        }
    }

    private func serve(_ node: ChildProcess, _ children: FaultChildren) throws {
        var visit = try FaultVisit(node, children)
        defer { visit.close() }
        try visit.expectService()
    }

    /// Watches what the node does while nobody but `knock` wants anything of it.
    private func watch(
        _ node: ChildProcess, _ page: FaultPage, _ outcome: inout Outcome, knock: () throws -> Void
    ) throws {
        let (failures, cpu, begin) = (try page.failures, node.cpuSeconds, monotonicSeconds())
        while monotonicSeconds() - begin < Self.quietSeconds {
            try knock()
            letPass(seconds: 0.05)
        }
        let seconds = monotonicSeconds() - begin
        outcome.share = (node.cpuSeconds - cpu) / seconds
        outcome.failuresPerSecond = Double(try page.failures - failures) / seconds
        guard node.isRunning else { throw TestFailure("it has ended") }
        guard outcome.failuresPerSecond <= Self.failuresPerSecondMax else {
            throw TestFailure("it spins: \(outcome.failuresPerSecond) calls fail in a second")
        }
        guard isSanitized || outcome.share <= Self.processorShareMax else {
            throw TestFailure("it spins: \(outcome.share * 100) % of a processor")
        }
    }

    private func complaints(_ node: ChildProcess) -> Int {
        node.output.count { $0.contains("Z warn ") || $0.contains("Z error ") }
    }

    /// What the node holds when all have gone: the least of a quarter of a second, or when it is as little as before.
    private func atRest(
        _ node: ChildProcess, _ page: FaultPage, descriptorsMax: Int?
    ) throws -> (descriptors: Int, heap: Int) {
        if let descriptorsMax {
            try waitUntil(
                "\(FaultRun.descriptors(of: node)) descriptors are \(descriptorsMax) at most",
                within: FaultRun.secondsMax
            ) { FaultRun.descriptors(of: node) <= descriptorsMax }
        }
        var (descriptors, heap) = (Int.max, Int.max)
        let deadline = Deadline(descriptorsMax == nil ? 0.75 : 0.5)
        while !deadline.hasPassed {
            descriptors = min(descriptors, FaultRun.descriptors(of: node))
            heap = min(heap, try page.heapBytes)
            letPass(seconds: 0.01)
        }
        return (descriptors, heap)
    }
}
