internal import CCrypto

/// Whether two byte strings are equal, in a time that tells neither where they differ nor whether their lengths do.
///
/// Both are hashed (SHA-256) first and the digests compared by libcrypto's `CRYPTO_memcmp`: the time depends on each
/// length alone, never on the two together, and an empty string is an ordinary one.
package func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    let leftDigest = SHA256.digest(left)
    let rightDigest = SHA256.digest(right)
    // SAFETY: both digests are 32 bytes long and live for the call, which only reads them.
    return unsafe leftDigest.withUnsafeBytes { left in
        unsafe rightDigest.withUnsafeBytes { right in
            unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, SHA256.digestBytes) == 0
        }
    }
}

/// The same for texts, compared as UTF-8 without any normalization (`==` of `String` would hold canonically equivalent
/// texts for equal).
package func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    let leftBytes = Array(left.utf8)
    let rightBytes = Array(right.utf8)
    return constantTimeEquals(leftBytes.span, rightBytes.span)
}
