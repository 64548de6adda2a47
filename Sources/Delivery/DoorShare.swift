import Configuration
package import LoopIO
import Streaming

/// What the doors of one section share: each loop has a door of its own on the same port.
package final class DoorShare: Sendable {
    /// How a viewer that named itself fares.
    struct Figures: Sendable {
        let stream: StreamID
        let skippedPictures: UInt64
        let lagMs: Int64
    }

    /// The address with the port that stands behind port 0.
    package let address: SocketAddress
    /// Viewers of all loops that came in by this section.
    let seats = SeatCount()
    private let lock = Lock()
    // SAFETY: used under `lock` alone.
    private nonisolated(unsafe) var named: [String: Figures] = [:]

    /// Makes sure that nobody listens there, and finds a port if none is given.
    ///
    /// - Throws: as `TCPListener.probe`.
    package init(_ address: SocketAddress) throws(IOError) { self.address = try TCPListener.probe(address) }

    /// The figures of the viewer that calls itself `token`, up to a second old: it may be on another loop than the
    /// request for them.
    func figures(of token: String, in stream: StreamID) -> Figures? {
        let known = lock.withLock { named[token] }
        return known?.stream == stream ? known : nil
    }

    func note(_ figures: Figures, of token: String) { lock.withLock { named[token] = figures } }

    func forget(_ token: String) { lock.withLock { named[token] = nil } }
}
