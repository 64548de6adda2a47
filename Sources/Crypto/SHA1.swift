internal import CCrypto

/// SHA-1 (FIPS 180-4), by libcrypto. Only for what a protocol fixes: the WebSocket accept key (RFC 6455 4.2.2).
///
/// ```swift
/// let digest = SHA1.digest(Array("abc".utf8).span)
/// Base64.encode(digest.span)  // "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
/// constantTimeEquals(offered.span, secret.span)
/// ```
package enum SHA1 {
    /// Length of a digest.
    package static let digestBytes = 20

    /// - Returns: the digest, `digestBytes` long.
    package static func digest(_ message: Span<UInt8>) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: digestBytes)
        // SAFETY: libcrypto reads exactly `count` bytes at `input` and writes 20 at `output`; both buffers live for the call.
        let succeeded = unsafe message.withUnsafeBufferPointer { input in
            unsafe digest.withUnsafeMutableBufferPointer { output in
                unsafe CCrypto.SHA1(input.baseAddress, input.count, output.baseAddress) != nil
            }
        }
        precondition(succeeded, "libcrypto has no SHA-1")
        return digest
    }
}
