import Foundation

/// A network of a test's own, as a machine that nothing else runs on: every port is free, nothing outside is seen.
///
/// ```swift
/// let studio = try NetworkNamespace(stage)
/// let region = try NetworkNamespace(stage, beside: studio)
/// try studio.link(to: region, addresses: "192.0.2.10", "198.51.100.10")
/// let relay = try region.start("tsrelay", ["--config", file])
/// ```
/// Needs root, or a kernel that lets users make namespaces. All that runs in it ends with the test.
package final class NetworkNamespace {
    private let stage: Stage
    private let holder: ChildProcess
    private var links = 0

    /// - Parameter other: one that this shall be linked to; both then lie in one user namespace.
    package init(_ stage: Stage, beside other: NetworkNamespace? = nil) throws {
        let words = ["sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && echo up && exec sleep 900"]
        let isRoot = geteuid() == 0
        self.stage = stage
        if let other {
            holder = try other.start("unshare", ["--net"] + words, name: "namespace")
        } else {
            holder = stage.keep(
                try ChildProcess("unshare", ["--net"] + (isRoot ? [] : ["--map-root-user"]) + words, name: "namespace"))
        }
        _ = try holder.waitForLine("its loopback is up", within: 10) { $0 == "up" }
        let holder = holder
        stage.atEnd { NetworkNamespace.killAll(beside: holder.pid) }
    }

    /// Starts a program in it; it ends with the test at the latest.
    ///
    /// - Parameter folder: its working folder; none: the test's own.
    package func start(
        _ executable: String, _ arguments: [String], name: String? = nil, environment: [String: String] = [:],
        folder: String? = nil
    ) throws -> ChildProcess {
        let user = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        let place = folder.map { ["--wd=" + $0] } ?? []
        return stage.keep(
            try ChildProcess(
                "nsenter", ["--target", String(holder.pid), "--net"] + user + place + ["--", executable] + arguments,
                name: name ?? executable, environment: environment))
    }

    /// Runs shell commands in it and waits for them.
    ///
    /// - Returns: what they printed.
    /// - Throws: `TestFailure` when they fail or take longer.
    @discardableResult
    package func run(_ commands: String, within seconds: Double = 10) throws -> String {
        let path = "PATH=$PATH:/usr/sbin:/sbin\n"
        let shell = try start("bash", ["-euo", "pipefail", "-c", path + commands], name: "bash")
        let exit = try shell.waitForExit(within: seconds)
        guard exit == .code(0) else { throw TestFailure("\(exit) of: \(commands)\n\(shell.text)") }
        return shell.text
    }

    /// Children of children too, which nobody else here knows.
    private static func killAll(beside holder: Int32) {
        let files = FileManager.default
        let network = { (pid: Int32) in try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net") }
        guard let own = network(holder), own != network(getpid()) else { return }
        for pid in (try? files.contentsOfDirectory(atPath: "/proc"))?.compactMap({ Int32($0) }) ?? []
        where pid != holder && network(pid) == own {
            _ = kill(pid, SIGKILL)  // it may have ended this moment
        }
    }

    /// Lays a cable between two: each sees the other's address on its own end of it.
    package func link(to other: NetworkNamespace, addresses mine: String, _ theirs: String) throws {
        let (here, there) = ("link\(links)", "link\(other.links)")
        links += 1
        other.links += 1
        try run("ip link add \(here) type veth peer name \(there) netns \(other.holder.pid)")
        for (machine, port, own, far) in [(self, here, mine, theirs), (other, there, theirs, mine)] {
            try machine.run("ip address replace \(own)/32 dev \(port)\nip link set \(port) up")
            try machine.run("ip route add \(far)/32 dev \(port) src \(own)")
        }
    }
}
