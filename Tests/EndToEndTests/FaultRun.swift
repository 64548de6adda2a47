import Foundation
import TestSupport

/// The life of a node with every kind of way in, door and child, in which one call fails.
///
/// The node may end at its start, with code 1 and one line that says what could not be done. Else it goes on: whoever
/// comes after the failure is served, nobody is taken in and left without an answer, no descriptor stays behind, and it
/// stops when it is told to.
struct FaultRun {
    /// A step that takes longer hangs.
    static let secondsMax = isSanitized ? 30.0 : isLongRun ? 10.0 : 5.0
    /// Bytes after which a viewer counts as served.
    static let servedBytes = 20 * TransportPackets.size

    /// Whether somebody cannot be taken in or dialled. Of accept that is so without memory; else nobody may be there.
    private static func isToBeTold(_ fault: Fault) -> Bool {
        if fault.calls == ["accept4"] { return fault.code == ENOMEM }
        return ["uv_tcp_init", "uv_tcp_open", "uv_tcp_connect"].contains(fault.calls.first)
    }

    private static let tellingEvents = [" accept.failed ", " descriptors.exhausted ", " child.unreachable "]

    let fault: Fault
    /// Descriptors that the node holds when all have gone, at most; nil: any number.
    let descriptorsMax: Int?

    struct Outcome {
        let hasStruck: Bool
        let hasStarted: Bool
        let descriptors: Int
    }

    func run() throws -> Outcome {
        var outcome: Outcome?
        try Stage.run { stage in
            let children = try FaultChildren()
            stage.atEnd { children.close() }
            let file = try stage.folder.write("node.ini", Self.file(children))
            let page = try FaultPage(path: stage.folder.file("page"))
            let node = stage.keep(
                try RelayProcess.spawn(
                    ["-c", file],
                    environment: try fault.environment(page: page).merging(["TSRELAY_APP_THREADS": "3"]) { $1 }))
            do {
                outcome = try live(node, children, page)
            } catch {
                throw TestFailure("\(fault): \(error)\n\(node.text)")
            }
        }
        guard let outcome else { throw TestFailure("\(fault): no outcome") }
        return outcome
    }

    private func live(_ node: ChildProcess, _ children: FaultChildren, _ page: FaultPage) throws -> Outcome {
        try waitUntil("it runs or has ended", within: 3 * Self.secondsMax) {
            !node.isRunning || node.output.contains { $0.contains(" node.memory ") }
        }
        guard node.output.contains(where: { $0.contains(" node.memory ") }) else {
            try Self.expectRefusal(node)
            guard fault.hasStruck(node) else { throw TestFailure("refused to start without a failure") }
            return Outcome(hasStruck: true, hasStarted: false, descriptors: 0)
        }
        // What the environment says holds, or the node has not started.
        guard node.output.contains(where: { $0.contains(" node.started ") && $0.contains(" threads=3 ") }) else {
            throw TestFailure("it runs, but not as it was told to")
        }
        try serve(node, children)
        let descriptors = try descriptorsAfterwards(node)
        if fault.hasStruck(node), Self.isToBeTold(fault) {
            try waitUntil("the log tells of it", within: Self.secondsMax) {
                Self.tellingEvents.contains { node.text.contains($0) }
            }
        }
        try Self.expectNoLeak(page)
        try Self.stop(node)
        return Outcome(hasStruck: fault.hasStruck(node), hasStarted: true, descriptors: descriptors)
    }

    /// Whoever comes after the failure is served; who is there when it strikes may be sent away, but not forgotten.
    private func serve(_ node: ChildProcess, _ children: FaultChildren) throws {
        while true {
            let hadStruck = fault.hasStruck(node)
            do {
                var visit = try FaultVisit(node, children)
                defer { visit.close() }
                return try visit.expectService()
            } catch let error as FaultVisit.SentAway {
                if hadStruck { throw error }
                // The line that tells of the failure may be behind what the failure did.
                let deadline = Deadline(1)
                while !fault.hasStruck(node) {
                    if deadline.hasPassed { throw error }
                }
                // A sender that another loop has not heard of yet would count as coming after the next one.
                _ = try descriptorsAfterwards(node)
            }
        }
    }

    /// Told to stop, it does, and no sanitizer has complained in its life.
    static func stop(_ node: ChildProcess) throws {
        node.signal(SIGTERM)
        let exit = try node.waitForExit(within: secondsMax)
        guard exit == .code(0) else { throw TestFailure("stopped with \(exit)") }
        let line = node.output.first { $0.contains("ERROR: AddressS") || $0.contains("WARNING: ThreadS") }
        if let line { throw TestFailure(line) }
    }

    /// No memory is left that nothing points to, where a sanitizer can tell.
    static func expectNoLeak(_ page: FaultPage) throws {
        guard isSanitized else { return }
        if case .found = try page.leaks(within: secondsMax) { throw TestFailure("memory has leaked") }
    }

    static func expectRefusal(_ node: ChildProcess) throws {
        let exit = try node.waitForExit(within: secondsMax)
        guard exit == .code(1) else { throw TestFailure("ended at its start with \(exit)") }
        let lines = node.output.filter { line in
            !line.contains(": warning: ") && !line.contains("Z info ") && !line.contains("Z warn ")
                && !["fault: ", "push: ", "watch: "].contains { line.hasPrefix($0) }
        }
        let verbs = ["cannot ", "is in use", "is not allowed"]
        guard lines.count == 1, verbs.contains(where: lines[0].contains), lines[0].contains("(E") else {
            throw TestFailure("not one clear line: \(lines)")
        }
    }

    private func descriptorsAfterwards(_ node: ChildProcess) throws -> Int {
        guard let descriptorsMax else {
            // Those of the visitors go within a turn or two: the smallest number of a quarter of a second.
            var least = Int.max
            let deadline = Deadline(0.25)
            while !deadline.hasPassed { least = min(least, Self.descriptors(of: node)) }
            return least
        }
        try waitUntil(
            "\(Self.descriptors(of: node)) descriptors are \(descriptorsMax) at most", within: Self.secondsMax
        ) { Self.descriptors(of: node) <= descriptorsMax }
        return Self.descriptors(of: node)
    }

    /// Without those of /dev/null, of which libuv opens one for each loop that has ever had a connection.
    static func descriptors(of node: ChildProcess) -> Int {
        let folder = "/proc/\(node.pid)/fd/"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + name)) != "/dev/null"
        }
    }

    static func file(_ children: FaultChildren) throws -> String {
        func way(_ name: String, _ more: String) -> String { "[backstream\(name)]\n" + more }
        // Without a name it asks the machine for one.
        return NodeFile.head.replacing("Name = test\n", with: "")
            + way("", "Protocol = TCP\n" + NodeFile.anyPort)
            + way(":http", "Protocol = HTTP\nStream = live/http\n" + NodeFile.anyPort)
            + way(":udp", "Protocol = UDP\nStream = live/udp\n" + NodeFile.anyPort)
            + way(":any", "Protocol = UDP\nBind = 239.255.77.20\nPort = 0\nInterface = 127.0.0.1\n")
            + way(":one", "Protocol = UDP\nBind = 232.255.77.21\nPort = 0\nInterface = 127.0.0.1\nSource = 127.0.0.3\n")
            + "[dispatch]\nProtocol = TCP, CUSTOM\nHosts = localhost\nPorts = \(try children.listener.localPort)\n"
            + "[dispatch:udp]\nProtocol = UDP\nHosts = 127.0.0.1\nPorts = \(try children.datagrams.localPort)\n"
            + "[dispatch:group]\nProtocol = UDP\nHosts = 239.255.77.22\nPorts = 9\nInterface = 127.0.0.1\n"
            + "[custom]\nProtocol = WEBSOCKET\n" + NodeFile.anyPort
            + "[custom:tcp]\nProtocol = TCP\n" + NodeFile.anyPort
    }
}

/// The children of the node, one by TCP and one by UDP, and the sender by UDP: a stream keeps to one for a while.
final class FaultChildren {
    let listener: RawSocket
    let datagrams: RawSocket
    let sender: RawSocket
    private var links: [RawSocket] = []
    private var bytes = 0
    private var hasDatagram = false

    init() throws {
        listener = try RawSocket.listen()
        datagrams = try RawSocket.datagrams()
        sender = try RawSocket.datagrams()
    }

    /// Both have got something since `forget()`.
    var areFed: Bool { bytes >= FaultRun.servedBytes && hasDatagram }

    /// The node has dialled, and not hung up.
    var isLinked: Bool { !links.isEmpty }

    func forget() { (bytes, hasDatagram) = (0, false) }

    /// Takes what there is.
    func look() throws {
        if try listener.isReadable(within: 0) { links.append(try listener.accept(within: 1)) }
        for link in links where try link.isReadable(within: 0) {
            // A link that the node has lost is one that it dials anew.
            let part = (try? link.receive(within: 1)) ?? []
            bytes += part.count
            if part.isEmpty {
                link.close()
                links.removeAll { $0 === link }
            }
        }
        while try datagrams.isReadable(within: 0) { hasDatagram = try !datagrams.receive(within: 1).isEmpty }
    }

    /// Ends the links that there are; the node dials anew.
    func hangUp() throws {
        try look()
        for link in links { link.close() }
        links = []
    }

    func close() {
        for socket in links + [listener, datagrams, sender] { socket.close() }
    }
}
