/// One port that a node opens.
struct ListeningPort {
    var section: String
    var isUDP: Bool
    var address: IPAddress
    var port: UInt16

    var transportName: String { isUDP ? "UDP" : "TCP" }

    /// Whether the system would refuse the second of the two: the same port and transport on the same address, or on
    /// an address and "all of them". Port 0 is a different free one each time.
    func clashes(with other: ListeningPort) -> Bool {
        guard port != 0, port == other.port, isUDP == other.isUDP else { return false }
        if address == other.address { return true }
        return covers(other.address) || other.covers(address)
    }

    /// `::` takes IPv4 as well; `0.0.0.0` takes only IPv4.
    private func covers(_ other: IPAddress) -> Bool {
        guard address.isUnspecified else { return false }
        return address.isIPv4 ? other.isIPv4 : true
    }
}
