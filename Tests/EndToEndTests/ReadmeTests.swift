import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The README's commands as a reader runs them, on a machine of their own so that its ports are free.
    ///
    /// Blocks marked `sh` are run in their order by bash, in a folder that looks like a checkout after the build.
    /// Lines that push (`ffmpeg -re`) run until the stream is live; all others have to end well. Blocks marked `text`
    /// wait for somebody, need another machine, or install.
    @Suite struct ReadmeTests {
        struct Block {
            let line: Int
            let text: String
            var isPush: Bool { text.hasPrefix("ffmpeg -re") }
        }

        static let start = ".build/release/tsrelay --config node.ini"

        @Test func `every sh block of the README runs`() throws {
            let readme = try Files.text(Files.repository + "/README.md")
            let blocks = ReadmeTests.blocks(in: readme, language: "sh")
            #expect(blocks.filter(\.isPush).count >= 4)
            #expect(ReadmeTests.blocks(in: readme, language: "text").contains { $0.text == ReadmeTests.start })
            try Stage.run { stage in
                let folder = try ReadmeTests.checkout(stage)
                let machine = try NetworkNamespace(stage)
                var node: ChildProcess?
                var push: ChildProcess?
                for block in blocks {
                    if block.isPush {
                        push?.signal(SIGTERM)
                        _ = try push?.waitForExit(within: 10)
                        // A push that ended well is waited for: its sender may be one that sends piece by piece.
                        try waitUntil("no stream is live", within: 10) { !ReadmeTests.isReady(machine) }
                    }
                    let process = try ReadmeTests.start(block.text, on: machine, in: folder)
                    guard block.isPush else {
                        let exit = try process.waitForExit(within: 30)
                        #expect(exit == .code(0), "README.md:\(block.line): \(exit)\n\(process.text)")
                        if node == nil, Files.exists(folder + "/node.ini") {
                            node = try ReadmeTests.start(ReadmeTests.start, on: machine, in: folder)
                            _ = try node?.waitForLine("the node is up", within: 15) { $0.hasPrefix("watch: ") }
                        }
                        continue
                    }
                    push = process
                    try waitUntil("README.md:\(block.line) is live\n\(process.text)\n\(node?.text ?? "")", within: 20) {
                        guard process.isRunning else { throw TestFailure("README.md:\(block.line):\n\(process.text)") }
                        return ReadmeTests.isReady(machine)
                    }
                }
                #expect(push?.isRunning == true, "the last push ended:\n\(push?.text ?? "")")
                node?.signal(SIGTERM)
                #expect(try node?.waitForExit(within: 5) == .code(0))
            }
        }

        @Test(arguments: ["README.md", "configs/README.md", "deploy/README.md"])
        func `every link of a page leads to a file`(_ page: String) throws {
            let folder = (Files.repository + "/" + page).split(separator: "/").dropLast().joined(separator: "/")
            let text = try Files.text(Files.repository + "/" + page)
            for part in text.components(separatedBy: "](").dropFirst() {
                let link = String(part.prefix { $0 != ")" && $0 != "#" })
                guard !link.isEmpty, !link.contains("://") else { continue }
                #expect(Files.exists("/" + folder + "/" + link), "\(page): \(link)")
            }
        }

        // MARK: -

        static func blocks(in page: String, language: String) -> [Block] {
            var found: [Block] = []
            var begin: Int?
            let lines = page.components(separatedBy: "\n")
            for (index, line) in lines.enumerated() {
                if let first = begin, line == "```" {
                    found.append(Block(line: first + 1, text: lines[first..<index].joined(separator: "\n")))
                    begin = nil
                } else if line == "```" + language {
                    begin = index + 1
                }
            }
            return found
        }

        /// A folder with what a clone has after the build, and a home with JSMpeg where it is installed.
        private static func checkout(_ stage: Stage) throws -> String {
            let files = FileManager.default
            let folder = stage.folder.file("checkout")
            try files.createDirectory(atPath: folder + "/.build/release", withIntermediateDirectories: true)
            for (name, target) in [
                (".build/release/tsrelay", try RelayProcess.executable),
                (".build/release/tsbench", try RelayProcess.executable.dropLast("tsrelay".count) + "tsbench"),
                ("configs", Files.repository + "/configs"),
                ("deploy", Files.repository + "/deploy"),
            ] {
                try files.createSymbolicLink(atPath: folder + "/" + name, withDestinationPath: target)
            }
            return folder
        }

        private static func start(
            _ text: String, on machine: NetworkNamespace, in folder: String
        ) throws -> ChildProcess {
            // timeout takes the whole group down with it, whoever ends it.
            try machine.start(
                "timeout", ["60", "bash", "-euo", "pipefail", "-c", text], name: "README",
                environment: [
                    "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "SWIFT_BACKTRACE": "enable=no",
                    "AV_LOG_FORCE_NOCOLOR": "1",
                ],
                folder: folder)
        }

        private static func isReady(_ machine: NetworkNamespace) -> Bool {
            (try? machine.run("curl -sSf --max-time 2 http://127.0.0.1:56001/readyz")) != nil
        }
    }
}
