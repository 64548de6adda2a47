import CLimit
import Glibc

/// `tsbench limit`: runs the minimal C server until it is told to stop.
package enum LimitCommand {
    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        let options: LimitOptions?
        do throws(WrongUsage) {
            options = try LimitOptions(parsing: words)
        } catch {
            Console.complain("tsbench limit: \(error); see tsbench limit --help")
            return 2
        }
        guard let options else {
            Console.output(LimitOptions.usage)
            return 0
        }
        var raw = options.raw
        let code = climit_run(&raw)
        guard code != 0 else { return 0 }
        Console.complain("tsbench limit: it could not start: \(String(cString: strerror(code)))")
        return 1
    }
}

extension LimitOptions {
    /// The same, as C has it.
    var raw: climit_options {
        let rawPolicy =
            switch policy {
            case .read: CLIMIT_READ
            case .timer: CLIMIT_TIMER
            case .picture: CLIMIT_PICTURE
            }
        return climit_options(
            policy: rawPolicy, delay_ms: UInt32(delayMs), ring_bytes: UInt32(ringMiB) << 20, address: address,
            publisher_port: publisherPort, ws_port: wsPort, tcp_port: tcpPort, http_port: httpPort)
    }
}
