import Glibc

// A loop over bytes is counted byte by byte in a build for fuzzing, which made harnesses slower than what they test:
// these are calls into the library instead.

/// Whether both are the same bytes.
func isSame(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    // SAFETY: both buffers are of this length, and only read inside the closures.
    return one.withUnsafeBufferPointer { first in
        other.withUnsafeBufferPointer { second in
            guard let first = first.baseAddress, let second = second.baseAddress else { return true }
            return memcmp(first, second, one.count) == 0
        }
    }
}

extension [UInt8] {
    /// A copy.
    init(copying bytes: Span<UInt8>) {
        // SAFETY: the buffer is only read inside the closure.
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }

    /// Appends a copy.
    mutating func append(copying bytes: Span<UInt8>) {
        // SAFETY: the buffer is only read inside the closure.
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
