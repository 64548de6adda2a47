internal import CCrypto

/// SHA-256 (FIPS 180-4), by libcrypto.
package enum SHA256 {
    /// Length of a digest.
    package static let digestBytes = 32

    /// - Returns: the digest, `digestBytes` long.
    package static func digest(_ message: Span<UInt8>) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: digestBytes)
        // SAFETY: libcrypto reads exactly `count` bytes at `input` and writes 32 at `output`; both buffers live for the call.
        let succeeded = unsafe message.withUnsafeBufferPointer { input in
            unsafe digest.withUnsafeMutableBufferPointer { output in
                unsafe CCrypto.SHA256(input.baseAddress, input.count, output.baseAddress) != nil
            }
        }
        precondition(succeeded, "libcrypto has no SHA-256")
        return digest
    }
}
