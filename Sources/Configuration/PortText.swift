/// Addresses with ports as people write them.
enum PortText {
    /// `10.0.0.1:80`, `[2001:db8::1]:80`, `name:80`.
    static func join(_ host: String, _ port: UInt16) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
