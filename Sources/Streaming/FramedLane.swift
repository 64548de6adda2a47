import Fanout
import TransportStream

/// A lane that is made from the base lane while it has viewers, with its picture gate.
struct FramedLane {
    let key: LaneKey
    private(set) var lane: Lane
    private var gate: PictureGate?
    private var gatePID: UInt16?
    private var tables: [UInt8] = []
    /// Of gates that this lane had before the present one.
    private var droppedBefore: (pictures: UInt64, packets: UInt64) = (0, 0)

    init(key: LaneKey) {
        self.key = key
        lane = Lane(framing: key.framing)
    }

    var picturesDropped: UInt64 { droppedBefore.pictures + (gate?.picturesDropped ?? 0) }
    var packetsDropped: UInt64 { droppedBefore.packets + (gate?.packetsDropped ?? 0) }
    var holdDeadlineMs: Int64? { gate?.holdDeadlineMs }

    /// Puts a gate for this PID before the lane, or takes it away.
    mutating func setGate(videoPID: UInt16?) {
        guard key.isGated, gatePID != videoPID else { return }
        closeGate()
        gatePID = videoPID
        if let videoPID { gate = PictureGate(videoPID: videoPID) }
    }

    mutating func append(_ chunk: Span<UInt8>, _ mark: ChunkMark, tables newTables: [UInt8]) {
        if mark.flags.contains(.randomAccess) { tables = newTables }
        guard gate != nil else { return lane.append(chunk, mark, tables: tables) }
        let tables = tables
        gate?.pass(chunk, mark) { packets, mark in lane.append(packets, mark, tables: tables) }
    }

    mutating func expire(nowMs: Int64) {
        let tables = tables
        gate?.expire(nowMs: nowMs) { packets, mark in lane.append(packets, mark, tables: tables) }
    }

    /// What the old source left is let out or dropped, and no one may start at it.
    mutating func sourceChanged() {
        let tables = tables
        gate?.sourceChanged { packets, mark in lane.append(packets, mark, tables: tables) }
        lane.forgetStart()
    }

    mutating func forgetStart() { lane.forgetStart() }
    mutating func setOpaque(_ isOpaque: Bool) { lane.setOpaque(isOpaque) }
    mutating func setSilent(_ isSilent: Bool) { lane.setSilent(isSilent) }

    mutating func trim(keepingSince arrivalMs: Int64, bytes: Int, startBytes: Int) {
        lane.trim(keepingSince: arrivalMs, bytes: bytes, startBytes: startBytes)
    }

    private mutating func closeGate() {
        guard gate != nil else { return }
        sourceChanged()
        droppedBefore = (picturesDropped, packetsDropped)
        gate = nil
    }
}
