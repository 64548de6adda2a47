import TestSupport

/// A listening socket whose queue is full and that nobody accepts from: the kernel drops the SYN of whoever comes, as
/// on the way to a host that is dead.
struct FullListener {
    private let listener: RawSocket
    private let fillers: [RawSocket]
    let port: UInt16

    init() throws {
        listener = try RawSocket.listen(backlog: 0)
        port = UInt16(try listener.localPort)
        var fillers: [RawSocket] = []
        // One more than the queue holds is dropped; it shows as a dial that does not succeed in a moment.
        while fillers.count < 16, let filler = try? RawSocket.connect(port: Int(port), within: 0.1) {
            fillers.append(filler)
        }
        self.fillers = fillers
    }

    func close() {
        for filler in fillers { filler.close() }
        listener.close()
    }
}
