import Crypto
import Testing

@Suite struct ConstantTimeTests {
    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("secret", "secret", true), ("", "a", false), ("a", "", false),
        ("a", "b", false), ("secret", "secret ", false), ("secret", "Secret", false), ("a", "a\0", false),
        ("\u{e9}", "e\u{301}", false),
    ])
    func `texts are equal when their bytes are`(left: String, right: String, isEqual: Bool) {
        #expect(constantTimeEquals(left, right) == isEqual)
        let (leftBytes, rightBytes) = (Array(left.utf8), Array(right.utf8))
        let areBytesEqual = constantTimeEquals(leftBytes.span, rightBytes.span)
        #expect(areBytesEqual == isEqual)
    }

    @Test func `every flipped bit is seen`() {
        let secret = Array("0123456789abcdef".utf8)
        for index in secret.indices {
            for bit in 0..<8 {
                var guess = secret
                guess[index] ^= 1 << UInt8(bit)
                let isEqual = constantTimeEquals(secret.span, guess.span)
                #expect(!isEqual)
            }
        }
    }
}
