/// Puts the sections of one PID together (ISO/IEC 13818-1 2.4.4).
package struct SectionAssembler {
    /// `section_length` of a PAT or PMT is at most 1021; three bytes stand before it.
    static let sectionBytesMax = 3 + 1021

    /// The section, as far as it came: at most `sectionBytesMax`, in however many packets.
    private(set) var section: [UInt8] = []

    /// A section has begun and the next packet of the PID goes on with it.
    private var isOpen = false

    package init() {}

    /// Takes the next packet of the PID.
    ///
    /// - Parameters:
    ///   - header: of a packet of `run`.
    ///   - isAfterGap: packets are missing before it, so an open section is lost.
    ///   - body: is called for each section that is whole with this packet, while `section` holds it.
    package mutating func take(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, _ body: (_ section: Span<UInt8>) -> Void
    ) {
        if isAfterGap { isOpen = false }
        guard header.hasPayload, !header.isScrambled else { return }
        var place = header.payload.lowerBound
        let end = header.payload.upperBound

        if header.startsPayload {
            // pointer_field: so many bytes still belong to the section that began earlier.
            let first = place + 1 + Int(run[place])
            guard first <= end else {
                isOpen = false
                return
            }
            if isOpen { append(run, place + 1, first, body) }
            place = first
            while place < end, run[place] != 0xff {  // 0xff: nothing but filling follows
                begin()
                place = append(run, place, end, body)
            }
        } else if isOpen {
            append(run, place, end, body)
        }
    }

    private mutating func begin() {
        section.removeAll(keepingCapacity: true)
        isOpen = true
    }

    /// - Returns: the first byte behind what belongs to the section.
    @discardableResult
    private mutating func append(
        _ run: Span<UInt8>, _ start: Int, _ end: Int, _ body: (_ section: Span<UInt8>) -> Void
    ) -> Int {
        var place = start
        while place < end, section.count < 3 || section.count < length {
            section.append(run[place])
            place += 1
        }
        guard section.count >= 3 else { return place }
        if length > Self.sectionBytesMax {
            isOpen = false
            return end
        }
        if section.count == length {
            isOpen = false
            body(section.span)
        }
        return place
    }

    /// Of the section with its first three bytes, which must be there.
    private var length: Int { 3 + (Int(section[1] & 0x0f) << 8 | Int(section[2])) }
}
