import TestSupport

@testable import TransportStream

/// What an analyzer says about packets, gathered over runs of any length.
struct Analysis {
    private(set) var analyzer = StreamAnalyzer()

    /// The flags of each packet that has any, by its number in the stream.
    private(set) var flags: [Int: PacketFlags] = [:]
    private(set) var packetCount = 0

    init() {}

    init(_ stream: TransportStreamFixture) {
        analyze(stream.bytes)
    }

    /// - Parameter packets: per run.
    mutating func analyze(_ bytes: [UInt8], packets: Int = .max) {
        var events: [PacketEvent] = []
        let total = bytes.count / TSPacket.size
        var start = 0
        while start < total {
            let end = total - start > packets ? start + packets : total
            events.removeAll(keepingCapacity: true)
            analyzer.analyze(bytes.span.extracting(start * TSPacket.size..<end * TSPacket.size), into: &events)
            for event in events { flags[packetCount + Int(event.index)] = event.flags }
            packetCount += end - start
            start = end
        }
    }

    /// Numbers of the packets with a flag, ascending.
    func numbers(_ flag: PacketFlags) -> [Int] {
        flags.filter { $0.value.contains(flag) }.keys.sorted()
    }

    var info: StreamInfo { analyzer.info }
    var counters: StreamCounters { analyzer.counters }
}
