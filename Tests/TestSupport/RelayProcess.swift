import Foundation

/// A node as its users start it: the built `tsrelay`, a file, and the addresses that it prints.
///
/// ```swift
/// let relay = try stage.relay("[app]\nRunMode = normal\n[backstream]\nProtocol = TCP\nPort = 0\n ...", listeners: 2)
/// let viewer = try WebSocketClient.open(port: try relay.watchPort())
/// ```
package final class RelayProcess: Sendable {
    /// One address of the start-up lines.
    package struct Address: Sendable, Equatable {
        package enum Use: Sendable { case push, watch }
        package let use: Use
        package let scheme: String
        package let port: Int
        package let path: String
    }

    package let process: ChildProcess
    package let addresses: [Address]
    /// Seconds from the start to the last of the start-up lines.
    package let startSeconds: Double

    /// Where the built node lies: beside the test bundle, or what `TSRELAY_BINARY` names.
    package static var executable: String {
        get throws {
            if let named = ProcessInfo.processInfo.environment["TSRELAY_BINARY"] { return named }
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            while folder.count > 1 {
                let candidate = folder.joined(separator: "/") + "/tsrelay"
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
                folder.removeLast()
            }
            throw TestFailure("no tsrelay above \(bundle): swift build makes it")
        }
    }

    /// Starts a node and waits until it printed as many different ports as it has listeners.
    package init(file: String, listeners: Int, environment: [String: String] = [:], name: String = "tsrelay") throws {
        let begin = monotonicSeconds()
        process = try RelayProcess.spawn(["--config", file], environment: environment, name: name)
        do {
            let process = process
            var found: [Address] = []
            try waitUntil("\(name) printed \(listeners) addresses:\n\(process.text)", within: 15) {
                found = process.output.flatMap(RelayProcess.addresses(in:))
                if !process.isRunning { throw TestFailure("\(name) ended at its start:\n\(process.text)") }
                return Set(found.map { "\($0.use)\($0.port)" }).count >= listeners
            }
            addresses = found
        } catch {
            process.kill()
            throw error
        }
        startSeconds = monotonicSeconds() - begin
    }

    /// Runs the program with any arguments; under a sanitizer its reports go to its own output.
    package static func spawn(
        _ arguments: [String], environment: [String: String] = [:], name: String = "tsrelay"
    ) throws -> ChildProcess {
        let quiet = ["SWIFT_BACKTRACE": "enable=no"]
        return try ChildProcess(
            try executable, arguments, name: name, environment: quiet.merging(environment) { _, new in new })
    }

    /// The port of a way in.
    package func pushPort(_ scheme: String? = nil) throws -> Int { try port(.push, scheme) }

    /// The port of a door for viewers.
    package func watchPort(_ scheme: String? = nil) throws -> Int { try port(.watch, scheme) }

    private func port(_ use: Address.Use, _ scheme: String?) throws -> Int {
        guard let address = addresses.first(where: { $0.use == use && (scheme == nil || $0.scheme == scheme) }) else {
            throw TestFailure("no \(use) address \(scheme ?? "") in:\n\(process.text)")
        }
        return address.port
    }

    package var log: String { process.text }

    /// Lines of an event that came so far.
    package func events(_ event: String) -> [String] {
        process.output.filter { $0.contains(" \(event) ") || $0.hasSuffix(" \(event)") }
    }

    /// Ends it as an operator does.
    package func terminate(within seconds: Double = 5) throws -> ChildProcess.Exit {
        process.signal(SIGTERM)
        return try process.waitForExit(within: seconds)
    }

    /// The addresses of a start-up line: `push: ffmpeg ... 'tcp://...'` or `watch: http://...`.
    package static func addresses(in line: String) -> [Address] {
        guard line.hasPrefix("push: ") || line.hasPrefix("watch: ") else { return [] }
        let use: Address.Use = line.hasPrefix("push: ") ? .push : .watch
        var found: [Address] = []
        for scheme in ["tcp", "udp", "http", "ws"] {
            var rest = line[...]
            while let start = rest.range(of: scheme + "://") {
                let text = rest[start.upperBound...].prefix { !$0.isWhitespace && !"\"'<>,)".contains($0) }
                rest = rest[start.upperBound...]
                let slash = text.firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
                guard let colon = text[..<slash].lastIndex(of: ":"),
                    let port = Int(text[text.index(after: colon)..<slash]), port > 0
                else { continue }
                found.append(Address(use: use, scheme: scheme, port: port, path: String(text[slash...])))
            }
        }
        return found
    }
}
