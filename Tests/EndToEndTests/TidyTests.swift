import Foundation
import TestSupport
import Testing

/// The rules of the house that a compiler does not know.
@Suite struct TidyTests {
    struct Source {
        let path: String
        let lines: [String]
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    private static func sources(_ folder: String) throws -> [Source] {
        let names = FileManager.default.enumerator(atPath: Files.repository + "/" + folder)?.compactMap {
            $0 as? String
        }
        return try (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let path = folder + "/" + name
            let text = try Files.text(Files.repository + "/" + path)
            return Source(path: path, lines: text.components(separatedBy: "\n"))
        }
    }

    /// Lines without what stands in comments and string literals' tails, numbered from 1.
    private static func code(_ source: Source) -> [(number: Int, text: String)] {
        source.lines.enumerated().compactMap { index, line in
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            return trimmed.hasPrefix("//") ? nil : (index + 1, line.components(separatedBy: " //")[0])
        }
    }

    @Test(arguments: ["Sources", "Tests"])
    func `no file is longer than 400 lines`(_ folder: String) throws {
        for source in try TidyTests.sources(folder) {
            #expect(source.lines.count <= 401, "\(source.path): \(source.lines.count) lines")
        }
    }

    @Test func `imports keep to their targets`() throws {
        let owners = [
            "CUV": ["LoopIO"], "CCrypto": ["Crypto"], "CLimit": ["Bench"], "Foundation": [],
            "FoundationEssentials": ["Control"],
        ]
        for source in try TidyTests.sources("Sources") {
            for (number, text) in TidyTests.code(source) {
                let words = text.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at <= 2, at + 1 < words.count else { continue }
                let module = String(words[at + 1])
                guard let allowed = owners[module] else { continue }
                #expect(allowed.contains(source.target), "\(source.path):\(number) imports \(module)")
            }
        }
    }

    @Test func `nothing is public and nothing is forced`() throws {
        for source in try TidyTests.sources("Sources") {
            for (number, text) in TidyTests.code(source) {
                #expect(!text.contains("try! "), "\(source.path):\(number) try!")
                #expect(!text.contains("as! "), "\(source.path):\(number) as!")
                let isPublic = text.trimmingCharacters(in: .whitespaces).hasPrefix("public ")
                #expect(!isPublic, "\(source.path):\(number) public")
            }
        }
    }

    @Test func `unchecked conformances say why they are safe`() throws {
        for source in try TidyTests.sources("Sources") + TidyTests.sources("Tests") {
            for (number, text) in TidyTests.code(source) where text.contains("@unchecked " + "Sendable") {
                let near = source.lines[max(0, number - 4)..<min(source.lines.count, number + 3)]
                #expect(near.contains { $0.contains("SAFETY:") }, "\(source.path):\(number)")
            }
        }
    }

    @Test func `no test sleeps to order events and none fixes a port`() throws {
        for source in try TidyTests.sources("Tests") where source.target != "TestSupport" {
            for (number, text) in TidyTests.code(source) where source.path != "Tests/EndToEndTests/TidyTests.swift" {
                for word in ["usleep(", "Task.sleep", "Thread.sleep", "nanosleep("] {
                    #expect(!text.contains(word), "\(source.path):\(number) \(word)")
                }
            }
        }
    }

    @Test func `the player of others is not in the tree`() throws {
        let names = FileManager.default.enumerator(atPath: Files.repository)
        while let name = names?.nextObject() as? String {
            if name == ".build" || name == ".git" { names?.skipDescendants() }
            #expect(!name.lowercased().hasSuffix("jsmpeg.js") && !name.hasSuffix("jsmpeg.min.js"), "\(name)")
        }
    }
}
