import Testing

@testable import Configuration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files of `Broken/`: what people get wrong, and beside each, in a `.txt`, everything that has to be said of it.
///
/// With `TSRELAY_WRITE_REFERENCE=1` in the environment the `.txt` are written, to be read through; otherwise compared.
@Suite struct BrokenFolderTests {
    static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.joined(separator: "/") + "/Broken"
    }()

    static let names: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasSuffix(".ini") }.sorted()
    }()

    private static func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)), as: UTF8.self)
    }

    @Test func `there are forty of them`() {
        #expect(BrokenFolderTests.names.count == 40)
    }

    @Test(arguments: names)
    func `every fault is named with its line and what to do`(name: String) throws {
        let text = try BrokenFolderTests.read(name)
        let (configuration, diagnostics) = ConfigurationFile.load(text: text, fileName: name, environment: [:])
        #expect(configuration == nil)
        let lines = max(1, text.split(separator: "\n", omittingEmptySubsequences: true).count)
        for error in diagnostics where error.severity == .error {
            #expect((1...lines).contains(error.line), "\(error)")
        }
        let found = diagnostics.map { $0.description + "\n" }.joined()
        let beside = String(name.dropLast(4)) + ".txt"
        if ShippedFiles.environment["TSRELAY_WRITE_REFERENCE"] == "1" {
            try Data(found.utf8).write(to: URL(fileURLWithPath: BrokenFolderTests.folder + "/" + beside))
        }
        #expect(found == (try BrokenFolderTests.read(beside)))
    }
}
