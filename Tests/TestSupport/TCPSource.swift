/// A viewer of the TCP tier, or a child node that takes a parent's stream: bare bytes.
package final class TCPSource: ByteSource {
    package let socket: RawSocket

    package init(_ socket: RawSocket) { self.socket = socket }

    package static func open(
        host: String = "127.0.0.1", port: Int, receiveBuffer: Int32? = nil
    ) throws -> TCPSource {
        TCPSource(try RawSocket.connect(host: host, port: port, receiveBuffer: receiveBuffer))
    }

    package func next(within seconds: Double) throws -> [UInt8]? {
        guard try socket.isReadable(within: seconds) else { return [] }
        let bytes = try socket.receive(within: 1)
        return bytes.isEmpty ? nil : bytes
    }

    package func interrupt() { socket.shutdownBoth() }
    package func close() { socket.close() }
}

/// A child that takes a stream by UDP: the payloads of its datagrams one after another.
package final class UDPSource: ByteSource, @unchecked Sendable {
    // SAFETY: `sizes` belongs to the collector's thread until the collector was stopped.

    package let socket: RawSocket
    /// Bytes of each datagram.
    package private(set) var sizes: [Int] = []

    package init(_ socket: RawSocket) { self.socket = socket }

    package func next(within seconds: Double) throws -> [UInt8]? {
        guard try socket.isReadable(within: seconds) else { return [] }
        let bytes = try socket.receive(within: 1)
        sizes.append(bytes.count)
        return bytes
    }

    package func interrupt() {}
    package func close() { socket.close() }
}
