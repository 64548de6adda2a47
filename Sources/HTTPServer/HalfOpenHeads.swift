/// Connections whose heads are not complete, in the order in which they came.
///
/// Taking in, taking out and finding the oldest cost the same however many there are: under a flood of connections
/// each newcomer asks for the oldest.
struct HalfOpenHeads<Connection> {
    private var connections: [UInt64: Connection] = [:]
    /// Of the next newcomer.
    private var nextTicket: UInt64 = 0
    /// No older one is here.
    private var oldestTicket: UInt64 = 0

    var count: Int { connections.count }

    /// - Returns: the ticket by which it is taken out again.
    mutating func insert(_ connection: Connection) -> UInt64 {
        defer { nextTicket += 1 }
        connections[nextTicket] = connection
        return nextTicket
    }

    /// A ticket that was given back before is nobody's.
    mutating func remove(_ ticket: UInt64) { connections[ticket] = nil }

    /// The one that came first of those that are here.
    var oldest: Connection? {
        mutating get {
            guard !connections.isEmpty else { return nil }
            while connections[oldestTicket] == nil { oldestTicket += 1 }
            return connections[oldestTicket]
        }
    }
}
