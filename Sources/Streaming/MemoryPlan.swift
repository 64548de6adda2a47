package import Configuration
import Fanout

/// What bounds the memory of a node, as arithmetic: streams x lanes x segments, and so much for each viewer.
///
/// ```swift
/// let plan = MemoryPlan(configuration)
/// plan.segmentsMax                                          // 6752 with BufferMemory = 512M
/// plan.segmentsPerLane(kilobitsPerSecond: 4000, gopMs: 2000) // 17
/// ```
package struct MemoryPlan {
    /// The stream that people are told of, as an example.
    static let kilobitsPerSecond = 4000
    static let gopMs = 2000

    /// Segments that all lanes of all streams may have together: `BufferMemory`.
    package let segmentsMax: Int
    /// Lanes that a stream has at most: the base lane, and one for each framing that a door may ask for.
    package let lanesPerStream: Int
    private let bufferMemoryBytes: Int
    private let gopBytes: Int
    private let lagBytes: Int
    private let lagMs: Int

    package init(_ configuration: NodeConfiguration) {
        bufferMemoryBytes = configuration.app.bufferMemoryBytes
        segmentsMax = bufferMemoryBytes / Segment.memoryBytes
        lanesPerStream = configuration.viewers.contains { $0.tier == .webSocket } ? 3 : 1
        gopBytes = configuration.streamDefaults.gopBytes
        let lag = StreamRegistry.lagMax(of: configuration)
        lagBytes = lag.bytes
        lagMs = Int(clamping: lag.ms)
    }

    /// Segments that a lane of such a stream holds at most: as far back as a start or a viewer's lag may reach, with
    /// the rest of the segment where that begins.
    ///
    /// - Parameters:
    ///   - kilobitsPerSecond: of the whole stream, 0 ... 10,000,000.
    ///   - gopMs: from one random access point to the next, 0 ... 3,600,000.
    package func segmentsPerLane(kilobitsPerSecond: Int, gopMs: Int) -> Int {
        let bytesPerMs = Double(kilobitsPerSecond) / 8
        let forStart = min(bytesPerMs * Double(gopMs), Double(gopBytes))
        let forLag = min(bytesPerMs * Double(lagMs), Double(lagBytes))
        return Int((max(forStart, forLag) / Double(Segment.packetBytesMin)).rounded(.up)) + 1
    }

    /// For the line at start: keys and values.
    package var fields: KeyValuePairs<String, String> {
        [
            "buffers": MemoryPlan.text(bufferMemoryBytes), "segments": String(segmentsMax),
            "lane_of_4mbit_gop_2s": String(exampleSegments), "lanes_per_stream": String(lanesPerStream),
            "such_streams": String(exampleStreams), "viewer": MemoryPlan.text(Viewer.processBytesMax),
            "viewer_kernel": MemoryPlan.text(KernelBuffer.heldBytesMax),
        ]
    }

    /// For people, in plain words.
    package var lines: [String] {
        let lanes = lanesPerStream == 1 ? "in its one lane" : "in each of its \(lanesPerStream) lanes"
        return [
            "\(MemoryPlan.text(bufferMemoryBytes)) are \(segmentsMax) segments of "
                + "\(MemoryPlan.text(Segment.capacityBytes)): a stream of 4 Mbit/s with a GOP of 2s takes "
                + "\(exampleSegments) \(lanes), so \(exampleStreams) such streams fit; what does not fit has no history",
            "a viewer takes at most \(MemoryPlan.text(Viewer.processBytesMax)) in the process, and for one that does not "
                + "read at most \(MemoryPlan.text(KernelBuffer.heldBytesMax)) wait in the kernel",
        ]
    }

    private var exampleSegments: Int {
        segmentsPerLane(kilobitsPerSecond: MemoryPlan.kilobitsPerSecond, gopMs: MemoryPlan.gopMs)
    }

    private var exampleStreams: Int { segmentsMax / (exampleSegments * lanesPerStream) }

    /// Whole mebibytes or kibibytes.
    private static func text(_ bytes: Int) -> String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20)M" : "\((bytes + 1023) >> 10)K"
    }
}
