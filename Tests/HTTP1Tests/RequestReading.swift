import HTTP1

/// What a connection's bytes mean to us: every request with its body, until the first fault or the end of the bytes.
struct RequestReading: Equatable {
    struct Message: Equatable {
        let head: RequestHead
        var body: [UInt8] = []
        var isComplete = false
    }

    private(set) var messages: [Message] = []
    private(set) var error: HTTPError?
    /// Whether the bytes end inside a head.
    private(set) var endsInsideHead = false

    /// Reads the pieces one after the other, as a connection would.
    init(_ pieces: [[UInt8]], limits: RequestLimits = RequestLimits()) {
        var parser = RequestParser(limits: limits)
        var decoder: BodyDecoder?
        do throws(HTTPError) {
            for piece in pieces {
                var rest = piece[...]
                while !rest.isEmpty {
                    let bytes = Array(rest)
                    var taken = 0
                    if decoder != nil {
                        var body: [UInt8] = []
                        defer { messages[messages.count - 1].body += body }
                        taken =
                            try decoder?.decode(bytes.span) { content in
                                for index in 0..<content.count { body.append(content[index]) }
                            } ?? 0
                    } else {
                        switch try parser.parse(bytes.span) {
                        case .needsMore: taken = bytes.count
                        case .head(let head, let consumed):
                            taken = consumed
                            messages.append(Message(head: head))
                            decoder = BodyDecoder(framing: head.framing, limits: limits)
                        }
                    }
                    rest = rest.dropFirst(taken)
                    if decoder?.isFinished == true {
                        messages[messages.count - 1].isComplete = true
                        decoder = nil
                    }
                }
            }
            endsInsideHead = parser.isInsideHead
            if decoder?.inputEnded() == true { messages[messages.count - 1].isComplete = true }
        } catch {
            self.error = error
        }
    }

    init(_ text: String, limits: RequestLimits = RequestLimits()) {
        self.init([Array(text.utf8)], limits: limits)
    }

    /// Whether any cut into two, and one byte at a time, reads the same.
    static func isSameInAnyCut(_ bytes: [UInt8], limits: RequestLimits = RequestLimits()) -> Bool {
        let whole = RequestReading([bytes], limits: limits)
        guard RequestReading(bytes.map { [$0] }, limits: limits) == whole else { return false }
        return (0...bytes.count).allSatisfy { cut in
            RequestReading([Array(bytes[..<cut]), Array(bytes[cut...])], limits: limits) == whole
        }
    }
}
