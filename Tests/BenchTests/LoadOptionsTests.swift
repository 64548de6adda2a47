import LoopIO
import Testing

@testable import Bench

@Suite struct LoadOptionsTests {
    private static func parse(_ line: String) throws -> LoadOptions {
        try LoadOptions(parsing: line.split(separator: " ").map(String.init))
    }

    @Test func `every option has its place`() throws {
        let options = try Self.parse(
            "--publish http://[::1]:81/a?b=c --watch=ws://localhost:56001/live/main --viewers 2000 --rate 450K"
                + " --pictures 30 --gop 60 --slow 3 --deaf 4 --churn 10 --storm 1000 --connects 50 --publisher-change 30"
                + " --warmup 1.5 --seconds 60 --drain 3 --threads 2 --cores 0,1 --sources 4 --spin --bill 17 --json --quiet"
        )
        var expected = LoadOptions()
        expected.publish = try StreamURL(parsing: "http://[::1]:81/a?b=c")
        expected.watch = try StreamURL(parsing: "ws://localhost:56001/live/main")
        expected.viewers = 2000
        expected.bitsPerSecond = 450_000
        expected.pictures = 30
        expected.gopPictures = 60
        (expected.slow, expected.stalled, expected.churn) = (3, 4, 10)
        expected.storm = 1000
        expected.connectsPerSecond = 50
        expected.publisherChangeSeconds = 30
        (expected.warmupSeconds, expected.seconds) = (1.5, 60)
        expected.drainSeconds = 3
        expected.threads = 2
        expected.cores = [0, 1]
        expected.sources = 4
        expected.neverSleeps = true
        expected.billedPID = 17
        expected.isJSON = true
        expected.isQuiet = true
        #expect(options == expected)
        #expect(try options.shape().pacing == .pictures)
    }

    @Test(arguments: [
        "", "--viewers 3", "--watch udp://127.0.0.1:1", "--publish ws://127.0.0.1:1", "--publish tcp://127.0.0.1",
        "--publish tcp://127.0.0.1:0", "--publish ftp://a:1", "--watch http://:80/", "--watch http://a@b/",
        "--publish tcp://127.0.0.1:1 --rate 50K", "--publish tcp://127.0.0.1:1 --slow 1", "--watch tcp://a:1 word",
        "--watch tcp://a:1 --viewers 2 --slow 2 --stalled 1", "--watch tcp://a:1 --spin=yes",
        "--watch tcp://a:1 --spni", "--watch tcp://a:1 --storm", "--watch tcp://a:1 --storm 0",
        "--watch tcp://a:1 --storm 5 --seconds 1.9", "--publish tcp://127.0.0.1:1 --storm 5",
        "--publish tcp://127.0.0.1:1 --pictures 25 --gop 2000",
    ])
    func `a wrong command line is refused`(_ line: String) {
        #expect(throws: WrongUsage.self) { try Self.parse(line) }
    }

    @Test func `none publishes nothing, and help asks for nothing`() throws {
        #expect(try Self.parse("--publish none --watch tcp://127.0.0.1:9").publish == nil)
        #expect(try Self.parse("--help").isHelp)
        #expect(LoadCommand.run(["--viewers"]) == 2)
    }

    @Test(arguments: [
        ("ws://127.0.0.1:56001", "127.0.0.1", 56001, "/"), ("http://a.b/c/d?e=f", "a.b", 80, "/c/d?e=f"),
        ("tcp://[::1]:9", "[::1]", 9, "/"), ("HTTP://h?x", "h", 80, "/?x"),
    ])
    func `an address has a host, a port and a path`(_ text: String, _ host: String, _ port: UInt16, _ path: String)
        throws
    {
        let url = try StreamURL(parsing: text)
        #expect(url.host == host && url.port == port && url.path == path)
    }

    @Test func `names and literals have addresses`() throws {
        #expect(try StreamURL(parsing: "tcp://[::1]:9").resolved().description == "[::1]:9")
        #expect(try StreamURL(parsing: "tcp://localhost:9").resolved().isLoopback)
    }

    @Test(arguments: [(1, [[10, 6]]), (2, [[10, 0], [0, 6]]), (4, [[4, 0], [3, 0], [3, 0], [0, 6]])])
    func `the last of several threads has the storm to itself`(_ threads: Int, _ shares: [[Int]]) {
        var options = LoadOptions()
        options.watch = try? StreamURL(parsing: "tcp://127.0.0.1:9")
        (options.viewers, options.storm, options.threads) = (10, 6, threads)
        let found = (0..<threads).map { LoadCrew.share(options, ofThread: $0) }
        #expect(found.map { [$0.standing, $0.storm] } == shares)
    }

    @Test func `slow and stalled viewers are spread over all`() {
        var options = LoadOptions()
        options.watch = try? StreamURL(parsing: "tcp://127.0.0.1:9")
        (options.viewers, options.slow, options.stalled) = (10, 2, 3)
        let habits = LoadCrew.habits(options)
        #expect(habits.filter { $0 == .stalled }.count == 3)
        #expect(habits.filter { $0 == .slow(bytesPerSecond: 87_500) }.count == 2)
        #expect(habits[0] != .quick && habits[8] != .quick)
    }
}
