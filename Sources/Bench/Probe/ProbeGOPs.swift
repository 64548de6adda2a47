/// The pictures between random access points: the least, the most, and on average.
struct ProbeGOPs: Equatable {
    private(set) var count = 0
    private(set) var leastPictures = 0
    private(set) var mostPictures = 0
    private var sumPictures = 0
    /// Ticks of 90 kHz; of GOPs without timestamps none.
    private(set) var longestTicks: UInt64 = 0
    private var sumTicks: UInt64 = 0
    private var timed = 0

    /// Takes a GOP that has ended.
    ///
    /// - Parameter ticks: of the 90 kHz clock; 0: nobody knows.
    mutating func take(pictures: Int, ticks: UInt64) {
        leastPictures = count == 0 ? pictures : min(leastPictures, pictures)
        mostPictures = max(mostPictures, pictures)
        count += 1
        sumPictures += pictures
        guard ticks > 0 else { return }
        timed += 1
        sumTicks += ticks
        longestTicks = max(longestTicks, ticks)
    }

    var averagePictures: Double? { count > 0 ? Double(sumPictures) / Double(count) : nil }
    var averageSeconds: Double? { timed > 0 ? Double(sumTicks) / 90_000 / Double(timed) : nil }
    var longestSeconds: Double? { timed > 0 ? Double(longestTicks) / 90_000 : nil }
}
