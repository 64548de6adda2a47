/// How long a client may take for its answer: a while without any progress, and a longer while in all.
struct AnswerWatch {
    private let endMs: Int64
    private let stallMs: Int64
    private var stallEndMs: Int64
    private var leastBytes = Int.max

    init(nowMs: Int64, timing: HTTPListener.Timing) {
        endMs = nowMs + timing.answerMs
        stallMs = timing.answerStallMs
        stallEndMs = nowMs + timing.answerStallMs
    }

    /// - Parameter queuedBytes: what the kernel has not taken yet.
    /// - Returns: whether the client had its time.
    mutating func isDue(nowMs: Int64, queuedBytes: Int) -> Bool {
        if queuedBytes < leastBytes {
            leastBytes = queuedBytes
            stallEndMs = nowMs + stallMs
        }
        return nowMs >= min(endMs, stallEndMs)
    }
}
