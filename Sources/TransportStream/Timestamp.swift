/// A time of the 90 kHz clock with 33 bits, which wraps after 26.5 hours (ISO/IEC 13818-1 2.4.3.7).
package struct Timestamp: Equatable, Sendable {
    /// 0 ..< 2^33.
    package let ticks: UInt64

    package static let ticksPerSecond: UInt64 = 90_000

    private static let mask: UInt64 = 1 << 33 - 1

    /// - Parameter ticks: any number; its lower 33 bits are taken.
    package init(ticks: UInt64) {
        self.ticks = ticks & Self.mask
    }

    /// Reads the five bytes of a PTS or DTS field. Marker bits are not judged: some encoders get them wrong.
    ///
    /// - Precondition: `offset + 5 <= bytes.count`.
    init(parsing bytes: Span<UInt8>, at offset: Int) {
        let high = UInt64(bytes[offset] >> 1 & 0x07) << 30
        let middle = UInt64(bytes[offset + 1]) << 22 | UInt64(bytes[offset + 2] >> 1) << 15
        let low = UInt64(bytes[offset + 3]) << 7 | UInt64(bytes[offset + 4] >> 1)
        ticks = high | middle | low
    }

    /// How far this time lies after `earlier`, 0 ..< 2^33; a time before it comes out as a very large number.
    package func ticks(since earlier: Timestamp) -> UInt64 {
        (ticks &- earlier.ticks) & Self.mask
    }
}
