import Crypto
import TestSupport
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func `the vectors of RFC 4648 go there and back`(plain: String, encoded: String) throws {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes.span) == encoded)
        #expect(try Base64.decode(encoded) == bytes)
    }

    @Test func `every byte in every place comes back`() throws {
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte], [0, byte], [0, 0, byte], [byte, byte, byte, byte]] {
                #expect(try Base64.decode(Base64.encode(bytes.span)) == bytes)
            }
        }
    }

    @Test(
        arguments: [
            ("A", .badLength(1)), ("AAA", .badLength(3)), ("AAAAA", .badLength(5)), ("AA\n==", .badLength(5)),
            ("A===", .badCharacter(offset: 1)), ("====", .badCharacter(offset: 0)), ("=AAA", .badCharacter(offset: 0)),
            ("AA=A", .badCharacter(offset: 2)), ("AA==AAAA", .badCharacter(offset: 2)),
            ("AA-A", .badCharacter(offset: 2)),
            ("AA_A", .badCharacter(offset: 2)), ("AA A", .badCharacter(offset: 2)), ("\0AAA", .badCharacter(offset: 0)),
            ("AAé", .badCharacter(offset: 2)), ("AB==", .nonzeroTail), ("AAB=", .nonzeroTail), ("//==", .nonzeroTail),
        ] as [(String, Base64Error)])
    func `it is refused at its place`(text: String, error: Base64Error) {
        #expect(throws: error) { try Base64.decode(text) }
    }

    @Test func `a tail that is not zero passes where it is allowed`() throws {
        #expect(try Base64.decode("AB==", allowsNonzeroTail: true) == [0])
        #expect(try Base64.decode("AAB=", allowsNonzeroTail: true) == [0, 0])
        #expect(throws: Base64Error.badCharacter(offset: 1)) { try Base64.decode("A*==", allowsNonzeroTail: true) }
    }

    @Test func `whatever decodes encodes to itself`() throws {
        let corpus = ["Zm9vYmE=", "AAECAwQFBgcICQoLDA0ODw==", "////++++"].map { Array($0.utf8) }
        var mutator = ByteMutator(seed: 0xb64, corpus: corpus, dictionary: [[0x3d], [0x3d, 0x3d], [0x41, 0x41]])
        var decodedCount = 0
        for _ in 0..<20_000 {
            let text = mutator.next()
            guard let decoded = try? Base64.decode(text.span) else { continue }
            decodedCount += 1
            #expect(Base64.encode(decoded.span).utf8.elementsEqual(text))
        }
        #expect(decodedCount > 2_000)
    }
}
