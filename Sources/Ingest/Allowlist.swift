package import Configuration
package import LoopIO

/// Who may send to this node: `[authority]`, judged by the socket's own address and nothing a sender says.
package struct Allowlist {
    private let list: AddressList?

    /// - Parameter list: nil lets anyone send.
    package init(_ list: AddressList?) { self.list = list }

    package func allows(_ address: SocketAddress) -> Bool {
        guard let list else { return true }
        return list.contains(IPAddress(high: address.bytes.high, low: address.bytes.low))
    }
}
