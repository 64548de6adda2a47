import Configuration
import Fanout
import TransportStream

/// The lanes of a stream: the base lane, and those that are framed from it while they have viewers.
struct LaneSet {
    private(set) var base = Lane(framing: .bare)
    private(set) var framed: [FramedLane] = []
    private let gatePolicy: StreamPolicy.Gate
    private let gopBytes: Int
    private var droppedBefore: (pictures: UInt64, packets: UInt64) = (0, 0)

    init(policy: StreamPolicy) {
        gatePolicy = policy.gate
        gopBytes = policy.gopBytes
    }

    /// Bytes of memory that the lanes take.
    var memoryBytes: Int { framed.reduce(base.memoryBytes) { $0 + $1.lane.memoryBytes } }
    /// Pictures that a gate dropped since they were damaged.
    var picturesDropped: UInt64 { framed.reduce(droppedBefore.pictures) { $0 + $1.picturesDropped } }
    var packetsDropped: UInt64 { framed.reduce(droppedBefore.packets) { $0 + $1.packetsDropped } }

    /// Calls `body` with each lane's key and present view.
    func forEach(_ body: (LaneKey, LaneView) -> Void) {
        body(.base, base.view)
        for index in framed.indices { body(framed[index].key, framed[index].lane.view) }
    }

    mutating func append(_ chunk: Span<UInt8>, _ mark: ChunkMark, tables: [UInt8]) {
        base.append(chunk, mark, tables: tables)
        for index in framed.indices { framed[index].append(chunk, mark, tables: tables) }
    }

    mutating func trim(keepingSince arrivalMs: Int64, bytes: Int) {
        base.trim(keepingSince: arrivalMs, bytes: bytes, startBytes: gopBytes)
        for index in framed.indices { framed[index].trim(keepingSince: arrivalMs, bytes: bytes, startBytes: gopBytes) }
    }

    /// Nobody may start at what is held now.
    mutating func forgetStart() {
        base.forgetStart()
        for index in framed.indices { framed[index].forgetStart() }
    }

    /// Gives back all history.
    mutating func dropHistory(nowMs: Int64) {
        forgetStart()
        trim(keepingSince: nowMs + 1, bytes: 0)
    }

    /// Nothing that was learned from the old source holds for the new one.
    mutating func sourceChanged() {
        base.forgetStart()
        for index in framed.indices { framed[index].sourceChanged() }
        setOpaque(false)
    }

    mutating func setOpaque(_ isOpaque: Bool) {
        base.setOpaque(isOpaque)
        for index in framed.indices { framed[index].setOpaque(isOpaque) }
    }

    mutating func setSilent(_ isSilent: Bool) {
        base.setSilent(isSilent)
        for index in framed.indices { framed[index].setSilent(isSilent) }
    }

    /// Puts the picture gate before the lanes that need one.
    mutating func setGates(for info: StreamInfo) {
        guard !framed.isEmpty else { return }
        let isOn: Bool
        switch gatePolicy {
        case .off: isOn = false
        case .on: isOn = true
        case .auto:
            // A new source shows its codec with its first sequence header, and may begin with the rest of a picture:
            // the gate of the source before it stays until then.
            isOn = info.videoCodec == .mpeg1 || info.videoCodec == .unknown
        }
        if isOn, info.videoPID == nil, info.videoCodec == .unknown { return }
        for index in framed.indices { framed[index].setGate(videoPID: isOn ? info.videoPID : nil) }
    }

    /// Lets go of pictures that a gate has held for too long.
    ///
    /// - Parameter mayStart: viewers may start at what comes out.
    /// - Returns: whether a lane may have grown.
    mutating func expireGates(nowMs: Int64, mayStart: Bool) -> Bool {
        var hasGrown = false
        for index in framed.indices {
            guard let dueMs = framed[index].holdDeadlineMs, nowMs >= dueMs else { continue }
            framed[index].expire(nowMs: nowMs)
            if !mayStart { framed[index].forgetStart() }
            hasGrown = true
        }
        return hasGrown
    }

    /// The lane of this framing. A new one is filled from a start only if a viewer that begins by `start` takes it: to
    /// frame and check a GOP of 16 MB for nothing would hold the loop for 130 ms.
    mutating func view(of key: LaneKey, start: StartRule, info: StreamInfo) -> LaneView {
        if key == .base { return base.view }
        if let known = framed.first(where: { $0.key == key }) { return known.lane.view }
        framed.append(FramedLane(key: key))
        setGates(for: info)
        setOpaque(base.view.isOpaque)
        setSilent(base.view.isSilent)
        let last = framed.count - 1
        guard case .gop(let bytesMax) = start, let begin = base.view.start,
            base.view.headOffset - begin.offset <= Int64(bytesMax)
        else { return framed[last].lane.view }
        base.forEachChunkFromStart { chunk, mark in
            let needsTables = mark.flags.contains(.randomAccess) && !mark.flags.contains(.tables)
            framed[last].append(chunk, mark, tables: needsTables ? begin.preamble : [])
        }
        return framed[last].lane.view
    }

    /// Lanes without viewers cost nothing but the base lane.
    mutating func drop(where isUnwatched: (LaneKey) -> Bool) {
        for lane in framed where isUnwatched(lane.key) {
            droppedBefore.pictures += lane.picturesDropped
            droppedBefore.packets += lane.packetsDropped
        }
        framed.removeAll { isUnwatched($0.key) }
    }
}
