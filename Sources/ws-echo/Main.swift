import Glibc
import LoopIO

/// The command: echoes WebSocket messages over the layer that the node serves its viewers with, for conformance suites.
///
/// It trusts its clients with 16 MiB each and never asks whether they are there: not for a machine that others reach.
@main struct Main {
    static let usage = """
        ws-echo sends every WebSocket message back, on 127.0.0.1, and says at which address.

        usage: ws-echo [PORT]      without a port, or with 0, any free one
        """

    static func main() {
        Machine.openStandardDescriptors()
        guard let port = port(CommandLine.arguments.dropFirst()) else {
            complain(usage)
            exitProcessNow(2)
        }
        do throws(IOError) {
            let loop = try EventLoop()
            var address = SocketAddress.loopbackIPv4
            address.port = port
            let server = try EchoServer(loop: loop, address: address)
            print("ws://\(server.localAddress)")
            _ = fflush(nil)  // nobody may read it, and then nobody asks
            loop.run()
        } catch {
            complain("ws-echo: \(error)")
            exitProcessNow(1)
        }
    }

    /// - Returns: nil for words that say no port.
    private static func port(_ words: ArraySlice<String>) -> UInt16? {
        words.count > 1 ? nil : words.first.map { UInt16($0) } ?? 0
    }

    private static func complain(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)  // there is nowhere else to complain to
        }
    }
}
