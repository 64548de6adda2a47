/// A prefix code, looked up by the next sixteen bits.
///
/// Two small tables, since one of 65,536 entries would live outside the nearest cache: codes of at most eight bits by
/// their first byte, longer ones, which all begin with five zeros here, by the lower eleven bits.
struct CodeTable {
    /// What a lookup finds.
    struct Entry: Equatable {
        /// Bits of the code with what always follows it; 0: no code begins so.
        let length: UInt8
        let value: UInt8
    }

    /// Codes of one length that count up by one.
    struct Row {
        let length: Int
        let first: Int
        let values: [UInt8]

        /// - Parameters:
        ///   - length: bits of each code, 1 ... 16.
        ///   - first: the first code as a number.
        ///   - values: what this code means, and those that follow it.
        init(_ length: Int, _ first: Int, _ values: [UInt8]) {
            self.length = length
            self.first = first
            self.values = values
        }
    }

    private static let longWindows = 0x0800

    private var short = [Entry](repeating: Entry(length: 0, value: 0), count: 256)
    private var long = [Entry](repeating: Entry(length: 0, value: 0), count: longWindows)

    /// - Parameter following: bits that belong to each code and follow it, a sign for instance.
    init(_ rows: [Row], following: (_ value: UInt8) -> Int = { _ in 0 }) {
        for row in rows {
            for (code, value) in zip(row.first..., row.values) {
                let entry = Entry(length: UInt8(row.length + following(value)), value: value)
                let windows = code << (16 - row.length)..<(code + 1) << (16 - row.length)
                for window in windows where window < Self.longWindows { long[window] = entry }
                if row.length <= 8 {
                    for first in windows.lowerBound >> 8..<windows.upperBound >> 8 { short[first] = entry }
                }
            }
        }
    }

    /// - Parameter window: the next sixteen bits, the first one highest.
    @inline(__always)
    func lookup(_ window: UInt16) -> Entry {
        window < UInt16(Self.longWindows) ? long[Int(window)] : short[Int(window >> 8)]
    }
}
