/// How the viewers fared that came all at once.
struct StormStatus: Sendable {
    /// Microseconds from the dial to the answer's head or, where there is none, to the first byte.
    var connects = DelayHistogram()
    /// Microseconds from the dial to the first whole picture.
    var firstPictures = DelayHistogram()

    /// Those who may still see one.
    var waiting = 0

    mutating func add(_ other: StormStatus) {
        waiting += other.waiting
        connects.merge(other.connects)
        firstPictures.merge(other.firstPictures)
    }

    /// Of so many that came, those without an answer or without a picture.
    func failures(of count: Int) -> Int { max(0, count - Int(firstPictures.count)) }
}
