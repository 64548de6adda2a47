/// What viewers got, added up.
struct ViewerTotals: Equatable, Sendable {
    /// Video packets between each viewer's first and last, and the tables that came.
    var expected: UInt64 = 0
    var lost: UInt64 = 0
    var damaged: UInt64 = 0
    var outOfOrder: UInt64 = 0
    var duplicates: UInt64 = 0
    /// Bytes that belonged to no packet.
    var bytesSkipped: UInt64 = 0

    /// - Parameter missing: packets that should have come behind the last one.
    mutating func add(_ stream: ViewerStream, missing: UInt64 = 0) {
        let checker = stream.checker
        expected &+= checker.intact &+ checker.tables &+ checker.damaged &+ checker.lost &+ missing
        lost &+= checker.lost &+ missing
        damaged &+= checker.damaged
        outOfOrder &+= checker.outOfOrder
        duplicates &+= checker.duplicates
        bytesSkipped &+= stream.bytesSkipped
    }

    mutating func add(_ other: ViewerTotals) {
        expected &+= other.expected
        lost &+= other.lost
        damaged &+= other.damaged
        outOfOrder &+= other.outOfOrder
        duplicates &+= other.duplicates
        bytesSkipped &+= other.bytesSkipped
    }

    /// Every packet came, whole and in its place.
    var isWhole: Bool { lost == 0 && damaged == 0 && outOfOrder == 0 && duplicates == 0 && bytesSkipped == 0 }
}
