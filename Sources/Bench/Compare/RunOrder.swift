/// Who runs when: every server once a round, and each round begins one further, so that none always runs first on a cool
/// machine or last on a warm one.
package struct RunOrder: Sequence {
    package struct Turn: Equatable {
        /// From 0.
        package let round: Int
        /// Index of the server.
        package let server: Int
    }

    package let servers: Int
    package let rounds: Int

    package init(servers: Int, rounds: Int) {
        self.servers = servers
        self.rounds = rounds
    }

    package func makeIterator() -> IndexingIterator<[Turn]> {
        var turns: [Turn] = []
        for round in 0..<rounds {
            for place in 0..<servers { turns.append(Turn(round: round, server: (place + round) % servers)) }
        }
        return turns.makeIterator()
    }
}
