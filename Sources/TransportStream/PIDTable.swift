/// What is known of each PID that came, without a dictionary on the way of every packet.
struct PIDTable {
    struct Entry {
        var continuity = ContinuityCounter()

        /// The PAT names it as a program's PMT.
        var carriesProgramMap = false
    }

    /// For each PID the number of its entry plus one; 0: not seen.
    private var slots = [UInt16](repeating: 0, count: TSPacket.pidCount)

    /// By slot. Grows when a new PID comes, at most to the number of PIDs.
    var entries: [Entry] = []

    /// - Parameter pid: of a packet header or a table, so at most 0x1fff.
    @inline(__always)
    mutating func slot(of pid: UInt16) -> Int {
        let slot = Int(slots[Int(pid)])
        return slot != 0 ? slot &- 1 : add(pid)
    }

    /// Marks the PMT PIDs of a new PAT; those of the old one lose their mark.
    mutating func setProgramMaps(_ pids: [UInt16]) {
        for slot in entries.indices {
            entries[slot].carriesProgramMap = false
        }
        for pid in pids {
            let slot = slot(of: pid)
            entries[slot].carriesProgramMap = true
        }
    }

    private mutating func add(_ pid: UInt16) -> Int {
        entries.append(Entry())
        slots[Int(pid)] = UInt16(entries.count)
        return entries.count - 1
    }
}
