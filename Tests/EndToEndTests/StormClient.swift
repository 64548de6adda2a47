import Foundation
import TestSupport

/// One of a storm's clients: says its bytes in pieces, reads or does not, and ends in one of the ways in which clients end.
struct StormClient {
    enum End: CaseIterable {
        case close, reset
        /// Says that it sends no more, and closes later.
        case halfClose
    }

    private let socket: RawSocket
    private let words: [UInt8]
    private let pieceBytes: Int
    private let reads: Bool
    private let end: End
    private var said = 0
    private var turnsLeft: Int
    private var hasHalfClosed = false
    /// The first bytes of what came back: a status line, if anything.
    private(set) var answer: [UInt8] = []

    /// - Parameters:
    ///   - words: what it says; it may be cut anywhere.
    ///   - turns: how long it stays after the last word.
    init(_ socket: RawSocket, says words: [UInt8], pieceBytes: Int, reads: Bool, turns: Int, end: End) {
        self.socket = socket
        self.words = words
        self.pieceBytes = pieceBytes
        self.reads = reads
        turnsLeft = turns
        self.end = end
    }

    /// Goes one step; never waits.
    ///
    /// - Returns: false when it has gone.
    mutating func turn(_ buffer: inout [UInt8]) -> Bool {
        if said < words.count {
            let piece = words[said..<min(said + pieceBytes, words.count)]
            let count = piece.withUnsafeBytes {
                send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 { said += count } else if errno != EAGAIN { turnsLeft = 0 }
        }
        if reads {
            let count = recv(socket.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0, answer.isEmpty { answer = Array(buffer[..<min(count, 12)]) }
            // The node has ended it, or it broke.
            if count == 0 || count < 0 && errno != EAGAIN { turnsLeft = 0 }
        }
        if said == words.count || turnsLeft < 0 { turnsLeft -= 1 }
        if end == .halfClose, said == words.count, !hasHalfClosed {
            hasHalfClosed = true
            socket.finishSending()
        }
        guard turnsLeft <= 0 else { return true }
        leave()
        return false
    }

    func leave() {
        if end == .reset { socket.reset() } else { socket.close() }
    }
}
