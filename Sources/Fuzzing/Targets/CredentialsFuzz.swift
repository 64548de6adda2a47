import Crypto
import HTTP1

/// The value of an Authorization field, and Base64.
enum CredentialsFuzz {
    static let target = FuzzTarget(
        name: "credentials", reads: "the value of an Authorization field", covers: ["BasicCredentials", "Base64"],
        bytesMax: 256
    ) { input throws(FuzzFinding) in
        let text = String(decoding: [UInt8](copying: input), as: UTF8.self)
        if let read = BasicCredentials(parsing: text) {
            try require(read.user.isPrintable && read.password.isPrintable, "a control character in credentials")
            try require(!read.user.utf8.contains(UInt8(ascii: ":")), "a colon in the user's name")
            let bytes = Array((read.user + ":" + read.password).utf8)
            let again = BasicCredentials(parsing: "bAsIc  " + Base64.encode(bytes.span))
            try require(again == read, "credentials do not survive being encoded")
        }
        if let bytes = try? Base64.decode(input) {
            try require(Base64.encode(bytes.span) == text, "two texts for the same bytes")
            try require((try? Base64.decode(input, allowsNonzeroTail: true)) == bytes, "two readings of one text")
        }
        let encoded = Array(Base64.encode(input).utf8)
        try require((try? Base64.decode(encoded.span)) == [UInt8](copying: input), "bytes do not survive Base64")
    }
}
