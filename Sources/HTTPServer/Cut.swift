import LoopIO

extension HTTPListener {
    /// What a connection was ended for that broke a limit or the protocol; the word tells kinds apart in a log.
    package enum Cut: String, CaseIterable, Sendable {
        /// Its head was not complete in time.
        case headTimeout = "slow head"
        /// Its head breaks the protocol or a limit.
        case headRefused = "wrong head"
        /// It did not take its answer in time.
        case answerStalled = "slow answer"
        /// It went on sending after its answer, and was reset.
        case lingered = "flood"
        /// Its body stopped coming.
        case bodyTimeout = "slow body"
        /// The pong of its WebSocket did not come.
        case pongTimeout = "pong"
        /// A message of its WebSocket breaks the protocol or is too long.
        case messageRefused = "message"

        /// Where such connections are counted.
        var counter: WritableKeyPath<Counters, UInt64> {
            switch self {
            case .headTimeout: \.headTimeouts
            case .headRefused: \.headsRefused
            case .answerStalled: \.answersCut
            case .lingered: \.lingersCut
            case .bodyTimeout: \.bodyTimeouts
            case .pongTimeout: \.pongTimeouts
            case .messageRefused: \.messagesRefused
            }
        }
    }

    /// Counts and tells; the caller ends the connection.
    func cut(_ peer: SocketAddress, _ cut: Cut, _ why: @autoclosure () -> String) {
        counters[keyPath: cut.counter] += 1
        onCut?(peer, cut, why())
    }
}
