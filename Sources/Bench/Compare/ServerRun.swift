import Glibc
import LoopIO

/// One start of one server: from the spawn until it is gone.
///
/// ```swift
/// let server = try ServerRun(contender, tier: .ws, loop: loop, program: path, cores: [0])
/// defer { server.end() }
/// try server.waitUntilReady()
/// ```
final class ServerRun {
    /// Why a server could not be measured; for people.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How long a server may take to open its ports.
    static let readyMsMax: Int64 = 10_000
    /// How long it may take to end before it is killed.
    static let endMsMax: Int64 = 6000

    let publishURL: String
    let watchURL: String
    private let contender: Contender
    private let awaited: [UInt16]
    private let loop: EventLoop
    private let process: SpawnedProcess
    private let file: String

    init(
        _ contender: Contender, tier: BenchCase.Tier, loop: EventLoop, program: String, cores: [Int]
    ) throws(Failure) {
        do throws(IOError) {
            let ports = try ServerRun.freePorts(loop)
            file = ServerRun.folder + "/tsbench-\(getpid())-\(ports.publisher).ini"
            if let text = contender.configuration(for: ports), !ServerRun.write(text, to: file) {
                throw .failed(.openFile, code: -errno, nil)
            }
            publishURL = ports.filled(into: contender.publishURL)
            watchURL = ports.filled(into: contender.watchURLs[tier] ?? "")
            awaited = contender.listeningPorts(ports, tier: tier)
            try ThreadClock.pin(to: cores)
            process = try SpawnedProcess(
                loop: loop, words: contender.words(program: program, file: file, ports: ports), errors: .kept)
        } catch {
            throw Failure(description: "\(contender.name) cannot be started: \(error)")
        }
        self.contender = contender
        self.loop = loop
    }

    var pid: Int32 { process.pid }

    /// Nanoseconds that its threads which live were ready to run and waited for a processor (proc(5), schedstat).
    var waitedNs: UInt64 {
        let folder = "/proc/\(pid)/task"
        return (fileNames(in: folder) ?? []).reduce(0) { sum, thread in
            sum &+ ServerRun.waitedNs(inSchedstat: (try? readFile("\(folder)/\(thread)/schedstat")) ?? [])
        }
    }

    /// The second of the three numbers; 0 where it is none.
    static func waitedNs(inSchedstat text: [UInt8]) -> UInt64 {
        let words = String(decoding: text, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? UInt64(words[1]) ?? 0 : 0
    }

    /// Waits until it listens on its ports.
    func waitUntilReady() throws(Failure) {
        let endUs = monotonicUs() + ServerRun.readyMsMax * 1000
        while monotonicUs() < endUs {
            if let exit = process.exit { throw Failure(description: "\(contender.name) ended (\(exit)): \(lastWords)") }
            let open = ListeningPorts.now()
            if awaited.allSatisfy({ open.contains($0) }) { return }
            _ = loop.run(until: { process.exit != nil }, timeoutMs: 20)
        }
        throw Failure(
            description: "\(contender.name) did not open its ports in \(ServerRun.readyMsMax) ms: \(lastWords)")
    }

    /// How it ended by itself; nil while it runs.
    var ended: String? { process.exit.map { "\(contender.name) ended (\($0)): \(lastWords)" } }

    func end() {
        process.end(withinMs: ServerRun.endMsMax)
        if contender.needsFile { _ = unlink(file) }  // nobody reads it any more
    }

    private var lastWords: String {
        (process.output.suffix(3) + process.errors.suffix(5)).joined(separator: " / ")
    }

    private static var folder: String { (try? Machine.environment)?["TMPDIR"] ?? "/tmp" }

    /// Makes a file that only this user may read, and that was not there.
    private static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }  // what was written is there by now
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    /// Four ports that nobody has; they are free again when this returns.
    private static func freePorts(_ loop: EventLoop) throws(IOError) -> Contender.Ports {
        var listeners: [TCPListener] = []
        defer { for listener in listeners { listener.close() } }
        for _ in 0..<4 {
            listeners.append(try TCPListener(loop: loop, address: .loopbackIPv4) { $0.close() })
        }
        let ports = listeners.map(\.localAddress.port)
        return Contender.Ports(publisher: ports[0], ws: ports[1], tcp: ports[2], http: ports[3])
    }
}

extension Contender {
    var needsFile: Bool { if case .relay = kind { true } else { false } }
}
