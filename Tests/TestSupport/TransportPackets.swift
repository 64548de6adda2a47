/// A captured transport stream cut into its 188-byte packets (ISO/IEC 13818-1 2.4.3), with the bytes as they came.
///
/// Takes 188-, 192- (four bytes ahead) and 204-byte packets (sixteen behind), and finds sync again after a loss.
package struct TransportPackets: Sendable {
    package static let size = 188

    /// The packets one after another.
    package private(set) var bytes: [UInt8] = []
    package private(set) var syncLosses = 0
    package private(set) var bytesSkipped = 0
    /// Bytes behind the last whole packet.
    package private(set) var tailBytes = 0

    package init(_ input: [UInt8]) {
        guard let form = TransportPackets.form(of: input) else {
            bytesSkipped = input.count
            return
        }
        var at = form.lead
        bytesSkipped = form.lead
        bytes.reserveCapacity(input.count)
        input.withUnsafeBufferPointer { input in
            while at + form.stride <= input.count {
                let sync = at + form.offset
                if input[sync] == 0x47 {
                    bytes.append(contentsOf: input[sync..<sync + TransportPackets.size])
                    at += form.stride
                    continue
                }
                syncLosses += 1
                var next = at + 1
                while next + form.offset + 2 * form.stride < input.count,
                    !(0..<3).allSatisfy({ input[next + form.offset + $0 * form.stride] == 0x47 })
                {
                    next += 1
                }
                bytesSkipped += next - at
                at = next
            }
        }
        tailBytes = input.count - at
    }

    /// Packets that are known to be whole and in step.
    package init(aligned: [UInt8]) { bytes = aligned }

    package var count: Int { bytes.count / TransportPackets.size }

    package subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[index * TransportPackets.size..<(index + 1) * TransportPackets.size]
    }

    package func pid(_ index: Int) -> Int {
        let at = index * TransportPackets.size
        return Int(bytes[at + 1] & 0x1f) << 8 | Int(bytes[at + 2])
    }

    package func startsUnit(_ index: Int) -> Bool { bytes[index * TransportPackets.size + 1] & 0x40 != 0 }

    package func hasTransportError(_ index: Int) -> Bool { bytes[index * TransportPackets.size + 1] & 0x80 != 0 }

    package func continuity(_ index: Int) -> Int { Int(bytes[index * TransportPackets.size + 3] & 0x0f) }

    package func hasPayload(_ index: Int) -> Bool { bytes[index * TransportPackets.size + 3] & 0x10 != 0 }

    /// Where the payload begins, counted in the packet; 188 when there is none.
    package func payloadStart(_ index: Int) -> Int {
        let at = index * TransportPackets.size
        guard hasPayload(index) else { return TransportPackets.size }
        guard bytes[at + 3] & 0x20 != 0 else { return 4 }
        return min(TransportPackets.size, 5 + Int(bytes[at + 4]))
    }

    /// The stream_id of the PES that begins in the packet; nil when none does.
    package func pesStreamID(_ index: Int) -> UInt8? {
        guard startsUnit(index) else { return nil }
        let start = payloadStart(index)
        guard start + 4 <= TransportPackets.size else { return nil }
        let at = index * TransportPackets.size + start
        guard bytes[at] == 0, bytes[at + 1] == 0, bytes[at + 2] == 1 else { return nil }
        return bytes[at + 3]
    }

    /// The PID of the first video PES; nil without video.
    package var videoPID: Int? {
        for index in 0..<count {
            if let id = pesStreamID(index), (0xe0...0xef).contains(id) { return pid(index) }
        }
        return nil
    }

    /// Whether a random access point begins in the packet: the flag of the adaptation field on a PES start.
    package func isRandomAccess(_ index: Int) -> Bool {
        let at = index * TransportPackets.size
        return startsUnit(index) && bytes[at + 3] & 0x20 != 0 && bytes[at + 4] > 0 && bytes[at + 5] & 0x40 != 0
    }

    private static func form(of input: [UInt8]) -> (stride: Int, offset: Int, lead: Int)? {
        func holds(_ stride: Int, _ offset: Int, _ lead: Int) -> Bool {
            let packets = min(5, (input.count - lead) / stride)
            return packets > 0 && (0..<packets).allSatisfy { input[lead + offset + $0 * stride] == 0x47 }
        }
        for (stride, offset) in [(188, 0), (192, 4), (204, 0)] where holds(stride, offset, 0) {
            return (stride, offset, 0)
        }
        for lead in 1..<204 where input.count > lead + 188 * 5 && holds(188, 0, lead) { return (188, 0, lead) }
        return nil
    }
}
