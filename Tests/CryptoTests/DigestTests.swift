import Crypto
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="), ("abc", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "hJg+RBw70m66rkqh+VEp5eVGcPE="),
    ])
    func `SHA-1 gives the digests of FIPS 180-4`(message: String, base64: String) {
        let digest = SHA1.digest(Array(message.utf8).span)
        #expect(digest.count == SHA1.digestBytes)
        #expect(Base64.encode(digest.span) == base64)
    }

    @Test func `SHA-256 gives the digest of FIPS 180-4`() {
        let digest = SHA256.digest(Array("abc".utf8).span)
        #expect(digest.count == SHA256.digestBytes)
        #expect(Base64.encode(digest.span) == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
    }
}
