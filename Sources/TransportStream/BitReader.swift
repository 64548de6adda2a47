/// Reads bits from the highest of the first byte on. Behind the last byte it reads zeros, and says so.
struct BitReader {
    /// The bits that come next, the first one highest; zeros behind them.
    private(set) var window: UInt64 = 0

    /// Bits of `window` that are real; below 0 when more were taken than there were.
    private var count = 0

    /// The next byte that is not in `window`.
    private var next: Int

    /// - Parameter start: of the first byte to read.
    init(at start: Int) {
        next = start
    }

    /// More bits were taken than there were.
    var isOverdrawn: Bool { count < 0 }

    /// The first byte of which no bit was taken.
    var byteIndex: Int { next - max(count, 0) / 8 }

    /// Makes at least 56 bits of `window` good, as far as there are bytes.
    @inline(__always)
    mutating func fill(_ bytes: Span<UInt8>) {
        while count <= 56, count >= 0, next < bytes.count {
            window |= UInt64(bytes[next]) << UInt64(56 &- count)
            next &+= 1
            count &+= 8
        }
    }

    /// Takes bits without looking at them.
    ///
    /// - Parameter bits: at most 63, and no more than were filled.
    @inline(__always)
    mutating func skip(_ bits: Int) {
        window <<= UInt64(bits)
        count &-= bits
    }

    /// Takes up to 32 bits as a number.
    ///
    /// - Parameter bits: 1 ... 32, and no more than were filled.
    @inline(__always)
    mutating func take(_ bits: Int) -> Int {
        let value = Int(window >> UInt64(64 &- bits))
        skip(bits)
        return value
    }

    /// Steps over the bytes that may follow the header of a picture or a slice, each announced by a 1, and over the 0
    /// that ends them (ISO/IEC 11172-2 2.4.2.5, 2.4.2.6).
    ///
    /// - Returns: false when they do not end.
    mutating func skipExtraInformation(_ bytes: Span<UInt8>) -> Bool {
        fill(bytes)
        while take(1) == 1 {
            skip(8)
            fill(bytes)
            if isOverdrawn { return false }
        }
        return !isOverdrawn
    }
}
