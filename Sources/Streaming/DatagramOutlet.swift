package import LoopIO
import TransportStream

/// Sends a lane to one address in datagrams of whole packets.
///
/// All that waits in a segment goes in one system call per 49 datagrams, so a chunk of seven in one: see
/// `UDPSocket.trySend`.
package final class DatagramOutlet {
    /// Seven packets, 1316 bytes: what fits into one Ethernet frame, and what every receiver of TS over UDP expects.
    package static let packetsPerDatagram = 7

    /// Datagrams that were given up, since the network refused them: no route, or no one listens there.
    package private(set) var datagramsRefused: UInt64 = 0
    private let socket: UDPSocket
    /// Nil until the name has been looked up.
    package var destination: SocketAddress?

    package init(socket: UDPSocket, destination: SocketAddress?) {
        self.socket = socket
        self.destination = destination
    }

    /// Sends `bytes`, whole packets.
    ///
    /// - Returns: bytes that need not be offered again; fewer than given when the kernel's buffer is full.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let destination else { return 0 }
        let datagramBytes = DatagramOutlet.packetsPerDatagram * TSPacket.size
        do throws(IOError) {
            return try socket.trySend(bytes, datagramBytes: datagramBytes, to: destination)
        } catch {
            // No one listens there, or there is no route: nothing waits for a receiver of datagrams.
            datagramsRefused += UInt64((bytes.count + datagramBytes - 1) / datagramBytes)
            return bytes.count
        }
    }
}

@available(*, unavailable) extension DatagramOutlet: Sendable {}
