import TransportStream

/// What a stream is made of, packet by packet; reads no clock.
struct ProbeAnalysis {
    /// One PID.
    struct Tally: Equatable {
        let pid: UInt16
        var packets: UInt64 = 0
        var continuityErrors: UInt64 = 0
        var transportErrors: UInt64 = 0
        var isScrambled = false
        fileprivate var counter: UInt8?
        fileprivate var hadDuplicate = false

        init(pid: UInt16) { self.pid = pid }
    }

    private(set) var analyzer = StreamAnalyzer()
    private(set) var tables = ProbeTables()
    private(set) var clocks: [UInt16: ProbeClock] = [:]
    private(set) var gops = ProbeGOPs()
    private(set) var packets: UInt64 = 0
    /// When the first and the last packet came; nil for a file.
    private(set) var firstUs: Int64?
    private(set) var lastUs: Int64?
    /// When the first picture was whole that began at a random access point.
    private(set) var firstPictureUs: Int64?

    /// A server sends a newcomer what it has of the running GOP at once: that says nothing of rate and jitter.
    static let burstUs: Int64 = 500_000
    /// Bytes that came in the burst.
    private var burstBytes: UInt64 = 0

    private var tallies: [Tally] = []
    /// The place of each PID in `tallies`; -1 before it came.
    private var places = [Int16](repeating: -1, count: TSPacket.pidCount)
    private var events: [PacketEvent] = []
    private var isPictureOpen = false

    init() {}

    /// Takes whole packets.
    ///
    /// - Parameter nowUs: when they came; nil for a file.
    mutating func take(_ run: Span<UInt8>, nowUs: Int64?) {
        firstUs = firstUs ?? nowUs
        lastUs = nowUs ?? lastUs
        let isBurst = nowUs.map { $0 - (firstUs ?? $0) < Self.burstUs } ?? false
        var offset = 0
        while offset + TSPacket.size <= run.count {
            takePacket(run, at: offset, nowUs, isBurst: isBurst)
            offset += TSPacket.size
        }
        if isBurst { burstBytes = bytes }
    }

    private mutating func takePacket(_ run: Span<UInt8>, at offset: Int, _ nowUs: Int64?, isBurst: Bool) {
        let header = PacketHeader(run, at: offset)
        let place = place(of: header.pid)
        tallies[place].packets += 1
        if header.hasTransportError { tallies[place].transportErrors += 1 }
        if header.isScrambled { tallies[place].isScrambled = true }
        follow(header, place)
        tables.take(run, header)
        if let ticks = ProbeClock.ticks(run, at: offset) {
            clocks[header.pid, default: ProbeClock()].take(
                ticks: ticks, position: packets * UInt64(TSPacket.size), nowUs: isBurst ? nil : nowUs,
                isAnnounced: header.announcesDiscontinuity)
        }
        events.removeAll(keepingCapacity: true)
        analyzer.analyze(run.extracting(offset..<offset + TSPacket.size), into: &events)
        if let flags = events.first?.flags { takeEvent(flags, nowUs) }
        packets += 1
    }

    private mutating func place(of pid: UInt16) -> Int {
        if places[Int(pid)] < 0 {
            places[Int(pid)] = Int16(tallies.count)
            tallies.append(Tally(pid: pid))
        }
        return Int(places[Int(pid)])
    }

    /// ISO/IEC 13818-1 2.4.3.3: it counts packets with payload; one packet may come twice.
    private mutating func follow(_ header: PacketHeader, _ place: Int) {
        guard header.pid != TSPacket.nullPID, header.hasPayload else { return }
        defer { tallies[place].counter = header.continuityCounter }
        guard let last = tallies[place].counter, !header.announcesDiscontinuity else { return }
        if header.continuityCounter == last, !tallies[place].hadDuplicate {
            tallies[place].hadDuplicate = true
            return
        }
        tallies[place].hadDuplicate = false
        if header.continuityCounter != (last + 1) & 0xf { tallies[place].continuityErrors += 1 }
    }

    private mutating func takeEvent(_ flags: PacketFlags, _ nowUs: Int64?) {
        if flags.contains(.damaged) { isPictureOpen = false }
        // A picture whose last packet is exactly full ends with the start of the next.
        if flags.contains(.pictureStart) { endPicture(nowUs) }
        if flags.contains(.randomAccess) {
            isPictureOpen = true
            let info = analyzer.info
            if analyzer.counters.randomAccessPoints > 1, info.gopPictures > 0 {
                gops.take(pictures: info.gopPictures, ticks: info.gopTicks)
            }
        }
        if flags.contains(.pictureEnd) { endPicture(nowUs) }
    }

    private mutating func endPicture(_ nowUs: Int64?) {
        if isPictureOpen { firstPictureUs = firstPictureUs ?? nowUs }
        isPictureOpen = false
    }

    // MARK: Results

    /// Each PID that came, in the order of their numbers.
    var pids: [Tally] { tallies.sorted { $0.pid < $1.pid } }

    var bytes: UInt64 { packets * UInt64(TSPacket.size) }

    /// The clock of the reference program, or the first that there is.
    var clock: ProbeClock? {
        if let pid = analyzer.info.pcrPID, let clock = clocks[pid] { return clock }
        return clocks.min { $0.key < $1.key }?.value
    }

    var continuityErrors: UInt64 { tallies.reduce(0) { $0 + $1.continuityErrors } }
    var transportErrors: UInt64 { tallies.reduce(0) { $0 + $1.transportErrors } }

    /// Seconds between the first and the last packet; nil for a file.
    var arrivalSeconds: Double? {
        guard let firstUs, let lastUs, lastUs > firstUs else { return nil }
        return Double(lastUs - firstUs) / 1e6
    }

    /// Bits per second as they came behind the burst of the start; nil for a file or less than a second.
    var arrivalBitsPerSecond: Double? {
        guard let firstUs, let lastUs, lastUs - firstUs > 2 * Self.burstUs else { return nil }
        return Double(bytes - burstBytes) * 8 * 1e6 / Double(lastUs - firstUs - Self.burstUs)
    }

    /// Bits per second as they came, else as the stream's clock says.
    var bitsPerSecond: Double? { arrivalBitsPerSecond ?? clock?.bitsPerSecond }

    /// Pictures per second: as the stream says or as its last GOP has, else by its clock.
    var pictureRate: Double? {
        if let rate = analyzer.info.frameRate { return rate }
        guard let clock, clock.seconds > 0.5, analyzer.counters.pictures > 1 else { return nil }
        return Double(analyzer.counters.pictures) / clock.seconds
    }
}
