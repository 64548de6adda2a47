/// Collects the head of an HTTP answer (RFC 9112 2.1): everything up to the first empty line.
struct HeadReader {
    static let bytesMax = 8 << 10

    private(set) var head: [UInt8] = []

    enum Progress: Equatable {
        case incomplete
        /// The head is whole; what follows begins at this offset of the input.
        case complete(Int)
        case tooLong
    }

    mutating func take(_ input: Span<UInt8>) -> Progress {
        for index in 0..<input.count {
            guard head.count < Self.bytesMax else { return .tooLong }
            head.append(input[index])
            if input[index] == 0x0a, head.suffix(4).elementsEqual([0x0d, 0x0a, 0x0d, 0x0a]) {
                return .complete(index + 1)
            }
        }
        return .incomplete
    }
}
