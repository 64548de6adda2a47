package import HTTP1
package import LoopIO

/// A request whose head was read on one loop, on its way to another that is to answer it.
package struct DetachedExchange: Sendable {
    package let request: RequestHead
    let socket: DetachedSocket
    /// What came behind the head.
    let early: [UInt8]

    package var peer: SocketAddress { socket.peer }
}
