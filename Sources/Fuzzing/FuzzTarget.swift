/// One parser, or a few that work together, and what must hold for whatever they read.
///
/// ```swift
/// let check = try FuzzTarget.all[0].begin()
/// try check(bytes.span)  // a FuzzFinding, or a trap of the parser itself, is a defect
/// ```
/// A target's dictionary is `Tests/FuzzTests/Dictionaries/<name>.dict`, its seeds are the files of
/// `Tests/FuzzTests/Seeds/<name>`.
package struct FuzzTarget: Sendable {
    /// Takes one input. It may keep a state of its own, a loop for instance, so it stays on the thread that began it.
    package typealias Check = (Span<UInt8>) throws(FuzzFinding) -> Void

    /// In lower case, words joined by hyphens: also the name of its dictionary and of its seeds' folder.
    package let name: String

    /// What an input is.
    package let reads: String

    /// Source files without their ending whose code reads the input.
    package let covers: [String]

    /// Longest input worth trying, in bytes.
    package let bytesMax: Int

    /// The canary: a fuzzer that finds nothing here finds nothing anywhere.
    package let mustFail: Bool

    package let begin: @Sendable () throws(FuzzFinding) -> Check

    /// - Parameter check: keeps nothing from one input to the next.
    init(
        name: String, reads: String, covers: [String], bytesMax: Int, mustFail: Bool = false,
        check: @escaping @Sendable (Span<UInt8>) throws(FuzzFinding) -> Void
    ) {
        self.init(name: name, reads: reads, covers: covers, bytesMax: bytesMax, mustFail: mustFail, begin: { check })
    }

    /// - Parameter begin: makes what is kept from one input to the next.
    init(
        name: String, reads: String, covers: [String], bytesMax: Int, mustFail: Bool = false,
        begin: @escaping @Sendable () throws(FuzzFinding) -> Check
    ) {
        self.name = name
        self.reads = reads
        self.covers = covers
        self.bytesMax = bytesMax
        self.mustFail = mustFail
        self.begin = begin
    }
}

extension FuzzTarget {
    /// The table. A new parser gets a line here; a test looks for parsers that no line names.
    package static let all: [FuzzTarget] = [
        AlignerFuzz.target,
        AnalyserFuzz.target,
        SectionFuzz.target,
        GateFuzz.target,
        HeadFuzz.target,
        BodyFuzz.target,
        RequestTargetFuzz.target,
        CredentialsFuzz.target,
        FrameFuzz.target,
        HandshakeFuzz.target,
        INIFuzz.target,
        AddressFuzz.target,
        ConnectionFuzz.target,
        CanaryFuzz.target,
    ]

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
