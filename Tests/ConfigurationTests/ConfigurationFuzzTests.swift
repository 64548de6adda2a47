import Testing

@testable import Configuration

/// Mutated files never trap, and what is said of them keeps its promises.
@Suite struct ConfigurationFuzzTests {
    private static let seeds = [
        ConfigurationFileTests.small,
        "[app]\nRunMode=extra\n[pushstream]\nProtocol=UDP\nPort=0\n[dispatch]\nProtocol=TCP,CUSTOM\nHosts=a,[::1]\n"
            + "Ports=1,2\nMaxLag=2s,4M\n[custom]\nPort=56001",
        "[app]\nRunMode=normal\nThreads=auto\nBufferMemory=512M\n[backstream:a]\nPort=1\nSecret=\"s # t\" ; c\n"
            + "[custom:b]\nProtocol=TCP\nPort=65535\nFilterIps=10.0.0.0/8, ::/0\nStartBytes=400K",
        "[stream:live/main]\nGrace=1.5s\nFlushDelay=250ms\n[authority]\nUse=True\nIps=::ffff:10.0.0.0/104,1.2.3.4\n"
            + "[log]\nLevel=warn\n[app]\nRunMode=monitor\n[monitor]\nPort=1",
    ]
    private static let letters = Array("\n\n[]==#;\",:./-% 0129abMKs\r\t\0\u{e9}".utf8)

    @Test func `mutated files never trap and every message is one printable line`() {
        var random = SplitMix(seed: 2_026)
        var accepted = 0
        var last = ConfigurationFileTests.small
        for round in 0..<4_000 {
            var bytes = Array(ConfigurationFuzzTests.seeds[random.below(ConfigurationFuzzTests.seeds.count)].utf8)
            for _ in 0...random.below(3) { bytes = random.mutated(bytes, letters: ConfigurationFuzzTests.letters) }
            let text = String(decoding: bytes, as: UTF8.self)
            let (configuration, diagnostics) = load(text)
            #expect((configuration == nil) == diagnostics.contains { $0.severity == .error }, "\(text)")
            let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            for diagnostic in diagnostics {
                #expect((0...lines).contains(diagnostic.line), "\(text)")
                let isPrintable = diagnostic.description.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && $0.value != 0x7f
                }
                #expect(isPrintable, "\(diagnostic)")
            }
            guard let configuration else { continue }
            accepted += 1
            if round % 8 == 0 {
                let again = load(text)
                #expect(again.configuration == configuration && again.diagnostics == diagnostics)
                #expect(!Explanation(configuration).lines.isEmpty)
                let files = [("a/\(round).ini", text), ("a/b.ini", last)].map { CheckReport.File(name: $0, text: $1) }
                let report = CheckReport(files: files, environment: [:])
                let drawn = [report.picture.replacing("\n", with: "")] + report.explanation
                for line in drawn {
                    #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "\(line)")
                }
                last = text
            }
        }
        #expect(accepted > 150)
    }

    @Test func `mutated values never trap`() {
        var random = SplitMix(seed: 5)
        let kinds = Schema.sections.flatMap(\.keys).map(\.kind)
        let seeds = [
            "2s, 4M", "10.0.0.0/8", "live/main", "65535", "http://a:1/x", "True", "auto", "[::1]", "TCP,CUSTOM", "1.5h",
        ]
        let letters = Array("0123456789.:/,-[]%smhKMG ".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(seeds[random.below(seeds.count)].utf8)
            for _ in 0...random.below(5) { bytes = random.mutated(bytes, letters: letters) }
            let text = String(decoding: bytes, as: UTF8.self)
            guard !text.isEmpty else { continue }
            _ = try? kinds[random.below(kinds.count)].parse(text)  // only that it comes back
        }
    }
}
