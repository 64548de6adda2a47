package import LoopIO

/// The socket side of a viewer or a child.
package enum Outlet {
    /// One connection: WebSocket, HTTP or bare TCP.
    case connection(TCPConnection)
    /// Datagrams to one address.
    case datagrams(DatagramOutlet)
}
