/// What a viewer received, held against what went in.
///
/// ```swift
/// let verdict = TransportStreamJudge(received: viewer.received, reference: sample)
/// #expect(verdict.isExact, "\(verdict)")
/// ```
package struct TransportStreamJudge: Sendable, CustomStringConvertible {
    /// Packets received, whole ones.
    package let packets: Int
    /// PAT and PMT packets ahead of the place where the viewer joined; all of them are packets of the reference.
    package let preamble: Int
    /// The reference's packet with which the viewer joined.
    package let firstPacket: Int
    /// Packets of the reference in its order.
    package let inOrder: Int
    /// Packets that the reference does not hold at all.
    package let unknown: Int
    /// Packets of the reference that came again or too late.
    package let outOfOrder: Int
    /// Packets of the reference that were left out between the first and the last one received.
    package let missing: Int
    /// Packets of the reference behind the last one received.
    package let notReached: Int
    /// Steps of the continuity counter that ISO/IEC 13818-1 2.4.3.3 does not allow, over all PIDs.
    package let continuityErrors: Int
    package let tailBytes: Int
    package let syncLosses: Int

    /// Packet for packet what went in, from the place where the viewer joined to the last packet that it got.
    package var isExact: Bool {
        inOrder > 0 && unknown == 0 && outOfOrder == 0 && missing == 0 && syncLosses == 0
    }

    package init(received: [UInt8], reference: [UInt8]) {
        self.init(TransportPackets(received), TransportPackets(reference))
    }

    package init(_ received: TransportPackets, _ reference: TransportPackets) {
        packets = received.count
        tailBytes = received.tailBytes
        syncLosses = received.syncLosses
        continuityErrors = TransportStreamJudge.continuityErrors(received)

        var places: [ArraySlice<UInt8>: [Int]] = [:]
        for index in 0..<reference.count { places[reference[index], default: []].append(index) }

        let join = TransportStreamJudge.join(received, reference, places)
        preamble = join.preamble
        firstPacket = join.first
        var position = join.first - 1
        var inOrder = 0
        var unknown = 0
        var outOfOrder = 0
        for index in join.preamble..<received.count {
            guard let candidates = places[received[index]] else {
                unknown += 1
                continue
            }
            if let next = TransportStreamJudge.firstPlace(in: candidates, after: position) {
                position = next
                inOrder += 1
            } else {
                outOfOrder += 1
            }
        }
        self.inOrder = inOrder
        self.unknown = unknown
        self.outOfOrder = outOfOrder
        missing = inOrder == 0 ? 0 : position - join.first + 1 - inOrder
        notReached = inOrder == 0 ? reference.count : reference.count - 1 - position
    }

    package var description: String {
        "\(packets) packets: \(preamble) of a preamble, then \(inOrder) in order from \(firstPacket), \(unknown) unknown, "
            + "\(outOfOrder) out of order, \(missing) missing, \(notReached) not reached, "
            + "\(continuityErrors) continuity errors, \(syncLosses) sync losses, \(tailBytes) bytes behind"
    }

    /// Where the viewer joined: of all places that hold the first packet behind a preamble of 0 to 8 table packets, the
    /// one from which most packets follow without a gap. Tables and null packets repeat, so the first match may be wrong.
    private static func join(
        _ received: TransportPackets, _ reference: TransportPackets, _ places: [ArraySlice<UInt8>: [Int]]
    ) -> (preamble: Int, first: Int) {
        var best = (preamble: 0, first: 0, length: 0)
        for preamble in 0...min(8, max(0, received.count - 1)) where received.count > 0 {
            if preamble > 0, places[received[preamble - 1]] == nil { break }
            for first in places[received[preamble]] ?? [] {
                var length = 0
                while length < 64, preamble + length < received.count, first + length < reference.count,
                    received[preamble + length] == reference[first + length]
                {
                    length += 1
                }
                if length > best.length { best = (preamble, first, length) }
            }
            if best.length >= 64 || best.length >= received.count - preamble && best.length > 0 { break }
        }
        return (best.preamble, best.first)
    }

    private static func firstPlace(in sorted: [Int], after position: Int) -> Int? {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] > position { high = middle } else { low = middle + 1 }
        }
        return low < sorted.count ? sorted[low] : nil
    }

    private static func continuityErrors(_ packets: TransportPackets) -> Int {
        var last: [Int: (counter: Int, repeated: Bool)] = [:]
        var errors = 0
        for index in 0..<packets.count {
            let pid = packets.pid(index)
            guard pid != 0x1fff else { continue }
            let counter = packets.continuity(index)
            let at = index * TransportPackets.size
            let isSignalled =
                packets.bytes[at + 3] & 0x20 != 0 && packets.bytes[at + 4] > 0 && packets.bytes[at + 5] & 0x80 != 0
            if let before = last[pid], !isSignalled {
                let isRepeat = packets.hasPayload(index) && counter == before.counter
                if isRepeat && !before.repeated {
                    last[pid] = (counter, true)
                    continue
                }
                let expected = packets.hasPayload(index) ? (before.counter + 1) & 15 : before.counter
                if counter != expected { errors += 1 }
            }
            last[pid] = (counter, false)
        }
        return errors
    }
}
