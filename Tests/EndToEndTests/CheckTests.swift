import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `tsrelay check` as it is called.
    @Suite struct CheckTests {
        private static let broken = Files.repository + "/Tests/ConfigurationTests/Broken/"
        private static let tree = Files.repository + "/configs/5-tree/"

        private static func run(_ words: [String], _ exit: Int32) throws -> String {
            let process = try RelayProcess.spawn(words)
            defer { process.kill() }
            #expect(try process.waitForExit(within: 20) == .code(exit), "\(process.text)")
            return process.text
        }

        private static func files(in folder: String, _ suffix: String = ".ini") throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }.sorted()
                .map { folder + $0 }
        }

        @Test func `forty broken files are told apart fault by fault, as text and as JSON`() throws {
            let files = try CheckTests.files(in: CheckTests.broken)
            let text = try CheckTests.run(["check"] + files, 1).split(separator: "\n").map(String.init)
            let document = try JSONValue(parsing: try CheckTests.run(["check", "--json"] + files, 1))
            let expected = try CheckTests.files(in: CheckTests.broken, ".txt").flatMap { name in
                try Files.text(name).split(separator: "\n").map { CheckTests.broken + $0 }
            }
            #expect(files.count == 40 && expected.count > 100)
            #expect(text == expected)
            let lines = document["diagnostics"].array.map { item in
                let warning = item["severity"].string == "warning" ? "warning: " : ""
                return
                    "\(item["file"].string ?? ""):\(Int(item["line"].number ?? 0)): \(warning)\(item["message"].string ?? "")"
            }
            #expect(lines == expected)
            let errors = expected.count { !$0.contains(": warning: ") }
            #expect(document["errors"].number == Double(errors))
            #expect(document["warnings"].number == Double(expected.count - errors))
            #expect(document["ok"].number == 0 && document["nodes"].array.isEmpty)
        }

        @Test func `a tree is one document, with each child's file`() throws {
            let files = try CheckTests.files(in: CheckTests.tree)
            let document = try JSONValue(parsing: try CheckTests.run(["check", "--strict", "--json"] + files, 0))
            #expect(document["ok"].number == 1 && document["diagnostics"].array.isEmpty)
            let nodes = document["nodes"].array
            #expect(nodes.map { $0["file"].string } == files)
            let studio = try #require(nodes.first { $0["name"].string == "studio" })
            #expect(studio["runMode"].string == "normal" && studio["viewers"].array.isEmpty)
            #expect(studio["ingests"][0]["bind"].string == "127.0.0.1" && studio["ingests"][0]["port"].number == 50_001)
            #expect(
                studio["children"].array.map { $0["file"].string }
                    == ["region-a", "region-b"].map { CheckTests.tree + $0 + ".ini" })
            #expect(studio["explanation"][0].string == "The node is called studio.")
            let edge = try #require(nodes.first { $0["name"].string == "edge-a1" })
            #expect(edge["senders"].array == [.string("198.51.100.10")] && edge["children"].array.isEmpty)
            #expect(edge["viewers"][0]["protocol"].string == "WEBSOCKET" && edge["viewers"][0]["stream"] == .null)
        }

        @Test func `a secret stands in no report`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = try folder.write(
                "s.ini", "[app]\nRunMode = normal\n[backstream]\nPort = 1\nSecret = sesame\n[custom]\nPort = 2\n")
            for words in [["check", file], ["check", "--json", file], ["check", "--svg", file + ".svg", file]] {
                #expect(!(try CheckTests.run(words, 0)).contains("sesame"))
            }
            #expect(!(try Files.text(file + ".svg")).contains("sesame"))
        }

        @Test func `the tree is drawn into a file, and not where files have errors`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let files = try CheckTests.files(in: CheckTests.tree)
            _ = try CheckTests.run(["check", "--svg", folder.file("tree.svg")] + files, 0)
            #expect(try Files.text(folder.file("tree.svg")) == Files.text(Files.repository + "/img/shape-5.svg"))
            let bad = try folder.write("bad.ini", "x")
            let text = try CheckTests.run(["check", "--svg=" + folder.file("no.svg"), bad] + files, 1)
            #expect(text.contains("no.svg is not drawn") && !Files.exists(folder.file("no.svg")))
            #expect(try CheckTests.run(["check", "--svg", folder.path + "/no/tree.svg"] + files, 1).contains("ENOENT"))
        }

        @Test(arguments: [["--svg"], ["--svg", "node.ini"], ["--svg="], ["--json"], ["--jsn", "a.ini"], []])
        func `a wrong call of check is told`(_ words: [String]) throws {
            #expect(try CheckTests.run(["check"] + words, 2).contains("see tsrelay --help"))
        }

        @Test(arguments: [["check"], ["-t", "-c"], ["-c"]])
        func `a file that cannot be read says what to do`(_ words: [String]) throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let away = try CheckTests.run(words + [folder.file("away.ini")], 1)
            #expect(away.contains("away.ini: cannot open the file: no such file or directory (ENOENT); check the path"))
            #expect(away.contains("tsrelay init --role origin --output FILE"))
            #expect(
                try CheckTests.run(words + [folder.path], 1).contains("(EISDIR); this is a folder: name a file in it"))
        }

        @Test func `a file that is not there stops no other's check`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let bad = try folder.write("bad.ini", "[app]\nRunMode = normal\n[custm]\n")
            let text = try CheckTests.run(["check", folder.file("away.ini"), folder.path, bad], 1)
            for part in ["away.ini: cannot open the file", "EISDIR", "bad.ini:3: unknown section [custm]"] {
                #expect(text.contains(part), "\(text)")
            }
        }
    }
}
