package import Configuration
package import LoopIO

extension SocketAddress {
    package init(_ address: IPAddress, port: UInt16) {
        self.init(bytes: .init(high: address.high, low: address.low), port: port)
    }
}
