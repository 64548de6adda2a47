import Fuzzing
import TestSupport
import Testing

@Suite struct FuzzTargetTests {
    /// Mutations of a target's seeds in the short run, by what one costs in a debug build.
    private static func mutations(_ target: FuzzTarget) -> Int {
        switch target.name {
        case "http-connection": 400
        case "analyser", "gate", "ini": 1_000
        case "aligner", "psi": 2_000
        default: 20_000
        }
    }

    @Test(arguments: FuzzTarget.all.filter { !$0.mustFail }.map(\.name))
    func `seeds and their mutations keep every promise`(_ name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let found = try FuzzCase(target).firstFinding(mutations: FuzzTargetTests.mutations(target), seed: 4)
        #expect(found == nil, "\(found?.finding.description ?? ""): \(found?.input ?? [])")
    }

    @Test func `the canary is found`() throws {
        let canaries = FuzzTarget.all.filter(\.mustFail)
        #expect(canaries.map(\.name) == ["canary"])
        let fuzzed = try FuzzCase(try #require(canaries.first))
        let check = try fuzzed.target.begin()
        for seed in fuzzed.seeds { try check(seed.bytes.span) }
        let found = try #require(try fuzzed.firstFinding(mutations: 20_000, seed: 4))
        #expect(found.finding.description == "the canary sings")
        #expect(found.input.starts(with: Array("twit".utf8)))
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `a target has seeds that fit and a dictionary`(_ name: String) throws {
        let fuzzed = try FuzzCase(try #require(FuzzTarget.named(name)))
        #expect(!fuzzed.seeds.isEmpty && !fuzzed.words.isEmpty)
        for seed in fuzzed.seeds { #expect(seed.bytes.count <= fuzzed.target.bytesMax, "\(seed.name)") }
    }

    @Test func `names are of one kind, and every folder and dictionary has its target`() throws {
        let names = FuzzTarget.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }, "\(name)")
        }
        #expect(try FuzzCase.names(in: FuzzCase.folder + "/Seeds") == names.sorted())
        #expect(try FuzzCase.names(in: FuzzCase.folder + "/Dictionaries") == names.map { $0 + ".dict" }.sorted())
    }

    @Test func `seeds and dictionaries are below a megabyte`() throws {
        let bytes = try FuzzTarget.all.reduce(0) { sum, target in
            try FuzzCase(target).seeds.reduce(sum) { $0 + $1.bytes.count }
        }
        #expect(bytes < 1 << 20)
    }

    /// Files of the pure floor with a reader of bytes or text from outside, found by how readers are named (STYLE.md 2).
    @Test func `the table names each parser`() throws {
        let covered = Set(FuzzTarget.all.flatMap(\.covers))
        var all: Set<String> = []
        var parsers = 0
        for target in [
            "TransportStream", "Fanout", "HTTP1", "WebSocket", "Configuration", "Crypto", "HTTPServer", "LoopIO",
        ] {
            let folder = "\(Files.repository)/Sources/\(target)"
            for file in try FuzzCase.names(in: folder) where file.hasSuffix(".swift") {
                let name = String(file.dropLast(".swift".count))
                all.insert(name)
                let text = try Files.text(folder + "/" + file)
                let isParser = ["init(parsing ", "init?(parsing ", "func parse(", "func decode(", "func align("]
                    .contains { text.contains($0) }
                guard isParser, !FuzzTargetTests.readsNothingFromOutside.contains(name) else { continue }
                parsers += 1
                #expect(covered.contains(name), "\(target)/\(file) is in no line of FuzzTarget.all")
            }
        }
        #expect(parsers > 20)
        #expect(covered.subtracting(all) == [], "files that are gone")
    }

    /// What `tsrelay init` is told by its own user.
    private static let readsNothingFromOutside: Set = ["StarterFile"]
}
