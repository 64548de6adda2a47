package import LoopIO
import Streaming

/// What the ways in of one section share: each loop has one of its own on the same port, and a publisher that the kernel
/// gave to another loop than its stream's home is handed over to the way in there.
package final class IngestShare<Way: AnyObject>: Sendable {
    /// The address with the port that stands behind port 0.
    package let address: SocketAddress
    private let lock = Lock()
    // SAFETY: used under `lock` alone; each way in is looked at on its own loop.
    private nonisolated(unsafe) var ways: [Int: Way] = [:]

    /// Makes sure that nobody listens there, and finds a port if none is given.
    ///
    /// - Throws: as `TCPListener.probe`.
    package init(_ address: SocketAddress) throws(IOError) { self.address = try TCPListener.probe(address) }

    func add(_ way: Way, on registry: StreamRegistry) { lock.withLock { ways[registry.index] = way } }

    func remove(from registry: StreamRegistry) { lock.withLock { ways[registry.index] = nil } }

    /// Has the way in of another loop do something. What `work` holds is let go when there is none any more.
    func handOver(to loop: Int, from registry: StreamRegistry, _ work: @escaping @Sendable (Way) -> Void) {
        registry.post(to: loop) {
            // Not called under the lock: it may close its way in.
            if let way = self.lock.withLock({ self.ways[loop] }) { work(way) }
        }
    }
}
