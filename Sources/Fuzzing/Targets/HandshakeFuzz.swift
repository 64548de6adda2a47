import HTTP1
import WebSocket

/// A request that may ask for a WebSocket.
enum HandshakeFuzz {
    static let target = FuzzTarget(
        name: "ws-handshake", reads: "the head of a request that asks for a WebSocket",
        covers: ["Handshake", "HandshakeError", "ExtensionOffer", "Token"], bytesMax: 1024
    ) { input throws(FuzzFinding) in
        var parser = RequestParser()
        guard case .head(let head, _)? = try? parser.parse(input) else { return }
        let values: (String) -> [String] = { head.fields.values(of: $0) }
        let handshake: Handshake
        do throws(HandshakeError) {
            handshake = try Handshake(
                method: head.method.name, versionMinor: head.versionMinor, hasBody: head.framing != .none,
                values: values)
        } catch {
            try require((400...499).contains(error.statusCode), "refused with \(error.statusCode)")
            return
        }
        try require(Handshake.isAskedFor(values: values), "a WebSocket that nobody asked for")
        try require(handshake.acceptKey.utf8.count == 28, "an accept key of \(handshake.acceptKey.utf8.count) bytes")
        for (name, value) in handshake.fields {
            let isField = !name.isEmpty && !value.isEmpty && value.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            try require(isField, "the field \(name) would split the answer")
        }
        if let subprotocol = handshake.subprotocol {
            let offered = values("sec-websocket-protocol").contains { $0.contains(subprotocol) }
            try require(offered, "\(subprotocol) was not offered")
        }
    }
}
