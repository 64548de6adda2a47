import Testing
import WebSocket

@Suite struct HandshakeTests {
    @Test func `the sample key of RFC 6455 gets its answer`() {
        #expect(Handshake.acceptKey(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
