import TransportStream

/// A write-once block of a lane: 64 KiB of whole frames, and the index of their chunks.
///
/// The lane's home loop alone appends. What has been appended never changes, so any loop may read the part that a
/// `LaneView` was given, and hold the segment, or its `owner`, for as long as a write of its bytes is in flight.
///
/// The value is a reference: copies are the same segment. Head, index and bytes are one allocation, so that a lane that
/// goes on costs one `malloc` every 64 KiB. No pool keeps segments for later: the last reference may go on any loop,
/// and thread sanitizer takes the next use for a race, since it does not see reference counts (tried).
@safe package struct Segment: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable` holds since bytes and entries below a view's head are written before the view is
    // handed to another loop and never again after, and the head is used by the home loop alone.

    package static let capacityBytes = 64 << 10
    /// Every chunk holds at least one packet.
    static let entriesMax = capacityBytes / TSPacket.size
    /// Memory that one segment takes, index and all.
    package static let memoryBytes = 16 + MemoryLayout<Head>.stride + linesMax * MemoryLayout<ChunkEntry>.stride

    /// Bytes of packets that a full segment holds at least: in frames of one packet each.
    package static let packetBytesMin =
        (capacityBytes - Framing.overheadBytesMax) / (TSPacket.size + Framing.overheadBytesMax) * TSPacket.size

    /// Lines of the index that the allocation has room for, the bytes behind the index counted as lines.
    private static let linesMax =
        entriesMax + (capacityBytes + MemoryLayout<ChunkEntry>.stride - 1) / MemoryLayout<ChunkEntry>.stride

    private struct Head {
        var usedBytes = 0
        var entryCount = 0
    }

    private final class Block: ManagedBuffer<Head, ChunkEntry> {}

    /// Lane offset of the first byte.
    package let startOffset: Int64
    private let block: ManagedBuffer<Head, ChunkEntry>
    private let entries: UnsafeMutablePointer<ChunkEntry>
    private let bytes: UnsafeMutableRawPointer

    init(startOffset: Int64) {
        self.startOffset = startOffset
        block = Block.create(minimumCapacity: Segment.linesMax) { _ in Head() }
        // SAFETY: what is allocated behind an object stays where it is while the object lives, and `block` holds it.
        // Entries are trivial, so nothing is to be done when it goes.
        unsafe entries = block.withUnsafeMutablePointerToElements { unsafe $0 }
        unsafe bytes = UnsafeMutableRawPointer(entries + Segment.entriesMax)
    }

    /// What keeps the bytes where they are.
    package var owner: AnyObject { block }

    /// Whether both are the same segment.
    static func === (left: Segment, right: Segment) -> Bool { left.block === right.block }

    var usedBytes: Int { block.header.usedBytes }
    var entryCount: Int { block.header.entryCount }
    var endOffset: Int64 { startOffset + Int64(usedBytes) }
    var roomBytes: Int { Segment.capacityBytes - usedBytes }

    /// Whole packets that still fit in one frame of `framing`.
    func packetsThatFit(framing: Framing) -> Int {
        entryCount < Segment.entriesMax ? max(0, roomBytes - Framing.overheadBytesMax) / TSPacket.size : 0
    }

    /// Appends one frame around `packets`, which `packetsThatFit` has allowed, and its line in the index.
    func append(_ packets: Span<UInt8>, framing: Framing, mark: ChunkMark, picturesBefore: UInt64) {
        let overhead = framing.overheadBytes(for: packets.count)
        precondition(packets.count + overhead <= roomBytes && entryCount < Segment.entriesMax, "the segment is full")
        // SAFETY: the precondition keeps every write below inside the allocation; only the home loop is here.
        unsafe (entries + entryCount).initialize(
            to: ChunkEntry(offset: endOffset, mark: mark, picturesBefore: picturesBefore))
        var at = unsafe bytes + usedBytes
        switch framing {
        case .bare: break
        case .webSocket:
            unsafe at.storeBytes(of: 0x82, as: UInt8.self)
            if packets.count < 126 {
                unsafe at.storeBytes(of: UInt8(packets.count), toByteOffset: 1, as: UInt8.self)
                unsafe at += 2
            } else {
                unsafe at.storeBytes(of: 126, toByteOffset: 1, as: UInt8.self)
                unsafe at.storeBytes(of: UInt8(packets.count >> 8), toByteOffset: 2, as: UInt8.self)
                unsafe at.storeBytes(of: UInt8(packets.count & 0xff), toByteOffset: 3, as: UInt8.self)
                unsafe at += 4
            }
        case .httpChunk:
            for digit in (0..<Framing.hexDigits(packets.count)).reversed() {
                let value = UInt8(packets.count >> (4 * digit) & 0xf)
                unsafe at.storeBytes(of: value < 10 ? 0x30 + value : 0x57 + value, as: UInt8.self)
                unsafe at += 1
            }
            unsafe at.storeBytes(of: 0x0d, as: UInt8.self)
            unsafe at.storeBytes(of: 0x0a, toByteOffset: 1, as: UInt8.self)
            unsafe at += 2
        }
        let body = unsafe at
        unsafe packets.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe body.copyMemory(from: base, byteCount: source.count) }
        }
        if framing == .httpChunk {
            unsafe body.storeBytes(of: 0x0d, toByteOffset: packets.count, as: UInt8.self)
            unsafe body.storeBytes(of: 0x0a, toByteOffset: packets.count + 1, as: UInt8.self)
        }
        block.header.usedBytes += packets.count + overhead
        block.header.entryCount += 1
    }

    /// The bytes of lane offsets `from ..< to`, valid while the segment is held.
    package func buffer(from: Int64, to: Int64) -> UnsafeRawBufferPointer {
        let start = Int(from - startOffset)
        let count = Int(to - from)
        precondition(start >= 0 && count >= 0 && start + count <= Segment.capacityBytes, "outside of the segment")
        // SAFETY: inside the allocation; a view's head never passes what has been written.
        return unsafe UnsafeRawBufferPointer(start: bytes + start, count: count)
    }

    /// The packets of a frame of a bare lane, for making a framed lane out of it.
    func withBytes<R>(from: Int64, to: Int64, _ body: (Span<UInt8>) -> R) -> R {
        let raw = unsafe buffer(from: from, to: to)
        // SAFETY: bytes are trivially `UInt8`, and the segment outlives the call.
        return body(unsafe raw.bindMemory(to: UInt8.self).span)
    }

    /// Line `index` of the index, below the count that the caller's view knows.
    func entry(_ index: Int) -> ChunkEntry {
        precondition(index >= 0 && index < Segment.entriesMax, "outside of the index")
        // SAFETY: a view never asks for a line at or beyond the count it was given.
        return unsafe entries[index]
    }
}
